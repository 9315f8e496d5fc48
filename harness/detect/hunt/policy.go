package hunt

import (
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// policy says what statements may do. It is asked while a statement is compiled,
// so that one that may not run is never run at all. It is used under the lock of
// its database.
type policy struct {
	off    bool   // our own statements
	result bool   // the one that keeps a query's rows, besides what queries may
	denied string // what was refused first
	word   string // of the statement, that stands for it
}

// reset forgets the last statement.
func (p *policy) reset() {
	p.denied, p.word = "", ""
}

// resultTable holds the rows of the query that was run last.
const resultTable = "sidetrace_result"

// authorize is asked for every thing that a statement does.
func (p *policy) authorize(action sqlite.AuthorizerActionCode, arg1, arg2, database, _ string) sqlite.AuthorizerReturnCode {
	if p.off {
		return sqlite.AuthorizerOK
	}
	switch action {
	case sqlite.AuthSelect, sqlite.AuthRead, sqlite.AuthRecursive:
		return sqlite.AuthorizerOK
	case sqlite.AuthFunction:
		if why := forbidden[strings.ToLower(arg2)]; why != "" {
			return p.deny(fmt.Sprintf("the function %s: %s", arg2, why), arg2)
		}
		return sqlite.AuthorizerOK
	}
	if p.result && (database == "temp" || database == "main" && action == sqlite.AuthInsert && arg1 == "sqlite_master") {
		switch action {
		case sqlite.AuthCreateTempTable, sqlite.AuthDropTempTable, sqlite.AuthInsert, sqlite.AuthDelete, sqlite.AuthUpdate:
			if arg1 == resultTable || strings.HasPrefix(arg1, "sqlite_temp_") || arg1 == "sqlite_master" {
				return sqlite.AuthorizerOK
			}
		}
	}
	what := actions[action]
	if what == "" {
		what = fmt.Sprintf("action %d", action)
	}
	verb, _, _ := strings.Cut(what, " ")
	return p.deny(strings.TrimSpace(what+" "+arg1), verb)
}

func (p *policy) deny(what, word string) sqlite.AuthorizerReturnCode {
	if p.denied == "" {
		p.denied, p.word = what, word
	}
	return sqlite.AuthorizerDeny
}

// forbidden are functions that would make a hunt give another result the next
// time, or reach out of the database.
var forbidden = map[string]string{
	"random": "no two runs would be the same", "randomblob": "no two runs would be the same", "load_extension": "a query loads no code",
	"readfile": "a query reads no files", "writefile": "a query writes no files", "edit": "a query starts no programs", "fts3_tokenizer": "a query loads no code",
	"sqlite_offset": "it tells of the file, not of the run", "last_insert_rowid": "nothing is inserted", "changes": "nothing is changed", "total_changes": "nothing is changed",
}

// actions are what the authorizer is asked, for people.
var actions = map[sqlite.AuthorizerActionCode]string{
	sqlite.AuthCreateTable: "CREATE TABLE", sqlite.AuthCreateTempTable: "CREATE TEMP TABLE", sqlite.AuthCreateIndex: "CREATE INDEX", sqlite.AuthCreateTempIndex: "CREATE INDEX",
	sqlite.AuthCreateTrigger: "CREATE TRIGGER", sqlite.AuthCreateTempTrigger: "CREATE TRIGGER", sqlite.AuthCreateView: "CREATE VIEW", sqlite.AuthCreateTempView: "CREATE VIEW",
	sqlite.AuthCreateVTable: "CREATE VIRTUAL TABLE", sqlite.AuthDropTable: "DROP TABLE", sqlite.AuthDropTempTable: "DROP TABLE", sqlite.AuthDropIndex: "DROP INDEX",
	sqlite.AuthDropView: "DROP VIEW", sqlite.AuthDropVTable: "DROP TABLE", sqlite.AuthAlterTable: "ALTER TABLE", sqlite.AuthDelete: "DELETE FROM", sqlite.AuthInsert: "INSERT INTO",
	sqlite.AuthUpdate: "UPDATE", sqlite.AuthPragma: "PRAGMA", sqlite.AuthAttach: "ATTACH", sqlite.AuthDetach: "DETACH", sqlite.AuthTransaction: "", sqlite.AuthSavepoint: "SAVEPOINT",
	sqlite.AuthReindex: "REINDEX", sqlite.AuthAnalyze: "ANALYZE",
}

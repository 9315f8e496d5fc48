package hunt

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"sidetrace/harness/detect"
)

// Database is the tables of one run. Queries may be run on it from several
// goroutines, one after the other; none can change it.
type Database struct {
	mu     sync.Mutex
	db     *sql.DB
	conn   *sql.Conn
	policy *policy
	now    time.Time // of the record: what 'now' is in a query
}

// FileName is what the database of a run is called in the folder it is kept in.
const FileName = "hunt.sqlite"

// formatVersion is that of the tables, kept in sidetrace_run.
const formatVersion = 1

// connector opens one database by a driver of its own, which has our functions.
type connector struct {
	driver *sqlite.Driver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }

// theDriver is SQLite with our functions. The library keeps what is registered
// with it for the life of the program, so that it is made once.
var theDriver = sync.OnceValues(func() (*sqlite.Driver, error) {
	d := &sqlite.Driver{}
	return d, register(d)
})

// open opens a connection and sets its limits.
func open(dsn string) (*Database, error) {
	d, err := theDriver()
	if err != nil {
		return nil, err
	}
	b := &Database{db: sql.OpenDB(connector{d, dsn}), policy: &policy{}}
	b.db.SetMaxOpenConns(1)
	if b.conn, err = b.db.Conn(context.Background()); err != nil {
		b.db.Close()
		return nil, err
	}
	for id, limit := range map[int]int{
		lib.SQLITE_LIMIT_LENGTH:              32 << 20, // of a string, and of a row
		lib.SQLITE_LIMIT_SQL_LENGTH:          1 << 20,
		lib.SQLITE_LIMIT_COMPOUND_SELECT:     500,
		lib.SQLITE_LIMIT_EXPR_DEPTH:          1000,
		lib.SQLITE_LIMIT_ATTACHED:            0,
		lib.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 10000,
		lib.SQLITE_LIMIT_WORKER_THREADS:      0,
	} {
		if _, err := sqlite.Limit(b.conn, id, limit); err != nil {
			b.Close()
			return nil, err
		}
	}
	if _, err := b.conn.ExecContext(context.Background(), "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = ON"); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// guard lets nothing but reading through from now on.
func (b *Database) guard() error {
	return b.conn.Raw(func(c any) error {
		r, ok := c.(sqlite.AuthorizerRegisterer)
		if !ok {
			return errors.New("the SQLite driver has no authorizer")
		}
		return r.RegisterAuthorizer(b.policy.authorize)
	})
}

// Build makes the database of a subject, in memory.
func Build(s *detect.Subject) (*Database, error) {
	b, err := open(":memory:")
	if err != nil {
		return nil, err
	}
	if err := b.fill(s); err != nil {
		b.Close()
		return nil, fmt.Errorf("the database of %s: %w", s.Name, err)
	}
	if err := b.guard(); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// fill makes the tables and their rows.
func (b *Database) fill(s *detect.Subject) error {
	f := newFiller(s)
	b.now = f.end
	ctx := context.Background()
	tx, err := b.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	for _, statement := range statements() {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	for i := range tables {
		t := &tables[i]
		if rows := f.rows[t.Name]; len(rows) > 0 {
			if err := t.insert(ctx, tx, rows); err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
		}
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO sidetrace_run VALUES (?, ?, ?, ?)", s.Name, sqlTime(f.start), sqlTime(f.end), formatVersion); err != nil {
		return err
	}
	return tx.Commit()
}

// insert puts rows into a table. A column that the table does not have is a
// mistake of ours, which tests find.
func (t *Table) insert(ctx context.Context, tx *sql.Tx, rows []row) error {
	text := "INSERT INTO " + t.Name + " ("
	marks := ""
	for _, c := range t.Columns {
		text += quoteName(c.Name) + ", "
		marks += "?, "
	}
	stmt, err := tx.PrepareContext(ctx, text+"seq) VALUES ("+marks+"?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	args := make([]any, len(t.Columns)+1)
	for _, r := range rows {
		used := 0
		for i, c := range t.Columns {
			value, ok := r[c.Name]
			args[i] = value
			if ok {
				used++
			}
		}
		args[len(t.Columns)] = r["seq"]
		if used+1 != len(r) {
			return fmt.Errorf("a row has %d columns that the table does not have: %v", len(r)-used-1, r)
		}
		if _, err := stmt.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// sqlTime is a time as SQLite's functions read it.
func sqlTime(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

// Open opens a database that was kept. The file is not written to, and needs no
// right to be.
func Open(file string) (*Database, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", file)
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	b, err := open((&url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&immutable=1"}).String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var now string
	if err := b.conn.QueryRowContext(context.Background(), "SELECT now FROM sidetrace_run").Scan(&now); err != nil {
		b.Close()
		return nil, fmt.Errorf("%s is no database of a run: %w", file, err)
	}
	if b.now, err = time.Parse("2006-01-02 15:04:05.000", now); err != nil {
		b.Close()
		return nil, fmt.Errorf("%s: the time of the run: %w", file, err)
	}
	if err := b.guard(); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Write keeps the database in a file, which any tool that reads SQLite opens.
func (b *Database) Write(file string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.policy.off = true // SQLite asks itself how many pages there are
	defer func() { b.policy.off = false }()
	var data []byte
	err := b.conn.Raw(func(c any) error {
		s, ok := c.(interface{ Serialize() ([]byte, error) })
		if !ok {
			return errors.New("the SQLite driver cannot serialize")
		}
		var err error
		data, err = s.Serialize()
		return err
	})
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// Close releases the database.
func (b *Database) Close() error {
	var err error
	if b.conn != nil {
		err = b.conn.Close()
	}
	return errors.Join(err, b.db.Close())
}

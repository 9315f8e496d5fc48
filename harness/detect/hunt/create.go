package hunt

import "strings"

// statements make the tables: those of rows, then the views of them. An old name
// of a column is a column that is computed, and costs nothing to keep.
func statements() []string {
	var list, views []string
	for _, t := range tables {
		if t.view != "" {
			views = append(views, "CREATE VIEW "+t.Name+" AS "+t.view)
			continue
		}
		var columns []string
		for _, c := range t.Columns {
			columns = append(columns, quoteName(c.Name)+" "+c.Type)
		}
		columns = append(columns, "seq INTEGER")
		for _, c := range t.Columns {
			if c.Old != "" {
				columns = append(columns, quoteName(c.Old)+" "+c.Type+" AS ("+quoteName(c.Name)+")")
			}
		}
		list = append(list, "CREATE TABLE "+t.Name+" (\n  "+strings.Join(columns, ",\n  ")+"\n)")
	}
	// What is known of the record as a whole; now is what 'now' means in it.
	list = append(list, "CREATE TABLE sidetrace_run (name TEXT, start TEXT, now TEXT, version INTEGER)")
	return append(list, views...)
}

// Schema is the statements that make the tables, for people who read a kept
// database with other tools.
func Schema() string { return strings.Join(statements(), ";\n\n") + ";\n" }

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Package sigma runs Sigma rules on events: an engine of its own to version 2.1
// of the specification (https://github.com/SigmaHQ/sigma-specification), which
// compiles a rule once to a tree of comparisons over the fields of an event.
//
//	engine, problems := sigma.Load([]detect.Source{{Path: "rules"}}, sigma.Options{})
//	findings, _ := engine.Detect(ctx, subject)
//
// One rule is used alone by [Parse] and [Rule.Match].
//
// Names of fields and log sources that events have otherwise are mapped by files
// ([Options].Mappings) of this form, in which nothing else may stand:
//
//	taxonomy: ours                     # rules that say so are then accepted
//	fields:
//	    CommandLine: process.command_line
//	logsources:
//	    - rule: {category: process_creation, product: windows}
//	      events: [{category: process, product: windows}]   # in place of it
//	      fields: {Image: process.executable}               # before those above
//
// What is there, by the specification's documents:
//
//   - Rules: every section. A file may hold several documents. Search identifiers
//     are maps, lists of maps, lists of keywords, or one keyword. Conditions have
//     and, or, not, brackets, "1 of", "any of" and "all of" with "them" or a
//     pattern, and may be a list.
//   - Appendix "Modifiers": all of them, in every combination that has a meaning.
//     The others are named errors.
//   - Appendix "Taxonomy": rules are gated by category, product and service.
//     registry_event stands for its four parts. EventID, Channel,
//     Provider_Name and Computer are found in an event's header, single hashes in
//     Sysmon's Hashes.
//   - Correlation rules: the seven types, group-by, aliases, ranges, generate, and
//     correlations of correlations, on the time of the events.
//   - Filters: restrict the rules that they list.
//
// Where the specification leaves the choice, or is not followed:
//
//   - Values are compared without regard to case by the simple lower-case form of
//     each Unicode character. Names of fields are compared as they are written.
//   - null holds for a field that is absent or null, and an empty string for one that is empty.
//     neq negates the whole item, so it holds for a field that is absent.
//   - A field that occurs several times is a list, of which one value suffices.
//   - Keywords are looked for in the value of each field, not in a line of log.
//   - A single value with "all" is a warning, for public rules have it.
//   - windash varies a dash or slash that begins a word and does not follow one,
//     as pySigma does; "a-b" stays.
//   - Regular expressions are RE2's, with the syntax of PCRE as far as RE2 has it;
//     a rule with look-around, back references, atomic groups or possessive
//     quantifiers is unsupported. They are searched for anywhere in the value.
//   - A filter's condition is joined to the rule's by "and", as in pySigma: to
//     suppress what it selects, a filter says "not selection".
//   - value_percentile without "percentile" is the share of events with one value
//     among those of the window, in per cent, as in the specification's example.
//     With "percentile: N" it is the Nth percentile of a numeric field.
//   - Windows of correlations: with lower bounds alone (gt, gte) a count, a sum or
//     a temporal correlation fires as soon as they hold within the timespan, and
//     begins anew. Upper bounds, averages and percentiles need the whole window:
//     it is laid from an event on, one after the other.
//   - Events without one of the fields of group-by are left out.
//   - The pipe in conditions ("| count() > 5") and "action: global" are of Sigma 1
//     and unsupported.
package sigma

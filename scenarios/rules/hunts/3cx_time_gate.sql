-- title: File beside 3CXDesktopApp that says when the implant wakes
-- id: 3cx_time_gate
-- level: high
-- attack: T1678
-- tags: 3cx
-- why: finds machines on which the implant has run and not yet gone online

SELECT f.time, f.sophos_pid, p.process_name, f.path, f.event_type, f.file_size, f.seq
FROM sophos_file_journal f
    LEFT JOIN sophos_process_journal p ON p.sophos_pid = f.sophos_pid
WHERE f.path LIKE '%\3CXDesktopApp\app\manifest'

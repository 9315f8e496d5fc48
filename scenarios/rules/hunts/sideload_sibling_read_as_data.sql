-- title: Programs that read as data a DLL of their own folder that they did not load
-- id: sideload_sibling_read_as_data
-- level: medium
-- attack: T1574.001, T1027.009
-- tags: sideload
-- why: a payload behind a DLL is read like a file; what is loaded is in the other journal

SELECT f.time, f.sophos_pid, p.process_name, f.path, f.seq
FROM sophos_file_journal f
    JOIN sophos_process_journal p ON p.sophos_pid = f.sophos_pid
WHERE f.subject = 'FileBinaryReads'
    AND f.path LIKE '%.dll'
    -- the folder of the program: its path without its name
    AND lower(f.path) = lower(substr(p.path, 1, length(p.path) - length(p.process_name)) || f.file)
    AND NOT EXISTS (SELECT 1 FROM sophos_image_journal i WHERE i.sophos_pid = f.sophos_pid AND lower(i.path) = lower(f.path))

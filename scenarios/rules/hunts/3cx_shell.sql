-- title: Shells that 3CXDesktopApp started
-- id: 3cx_shell
-- level: high
-- attack: T1059.003
-- tags: 3cx
-- why: the most common activity after the compromise, in the words of the first report

SELECT c.time, c.process_name, c.cmd_line, c.sophos_pid, p.process_name AS parent, p.path AS parent_path, c.seq
FROM sophos_process_journal c
    JOIN sophos_process_journal p ON p.sophos_pid = c.parent_sophos_pid
WHERE lower(p.process_name) = '3cxdesktopapp.exe'
    AND lower(c.process_name) IN ('cmd.exe', 'powershell.exe', 'pwsh.exe')

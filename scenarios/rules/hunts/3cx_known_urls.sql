-- title: Hosts that talked to the known addresses of the 3CX campaign
-- id: 3cx_known_urls
-- level: high
-- attack: T1102.001, T1071.001
-- tags: 3cx
-- why: the hunt of the first report, of 29 March 2023

-- The list stays defanged, as it is passed on, and the query mends it. A name is
-- compared as a whole or behind a dot: what merely contains one ("%sbmsa%") is
-- half of the Internet, and IN misses "www.".
WITH listed(defanged) AS (VALUES
    ('akamaicontainer[.]com'), ('akamaitechcloudservices[.]com'), ('azuredeploystore[.]com'),
    ('azureonlinecloud[.]com'), ('azureonlinestorage[.]com'), ('dunamistrd[.]com'), ('glcloudservice[.]com'),
    ('journalide[.]org'), ('msedgepackageinfo[.]com'), ('msedgeupdate[.]net'), ('msstorageazure[.]com'),
    ('msstorageboxes[.]com'), ('officeaddons[.]com'), ('officestoragebox[.]com'), ('pbxcloudeservices[.]com'),
    ('pbxphonenetwork[.]com'), ('pbxsources[.]com'), ('qwepoi123098[.]com'), ('sbmsa[.]wiki'),
    ('sourceslabs[.]com'), ('visualstudiofactory[.]com'), ('zacharryblogs[.]com')
),
known(domain) AS (
    SELECT replace(defanged, '[.]', '.') FROM listed
),
asked AS (
    SELECT time, sophos_pid, lower(name) AS host, name AS what, seq FROM sophos_dns_journal
    UNION ALL
    SELECT time, sophos_pid, lower(domain), url, seq FROM sophos_url_journal
)
SELECT a.time, a.sophos_pid, p.process_name, p.path, a.what, a.seq
FROM asked a
    LEFT JOIN sophos_process_journal p ON p.sophos_pid = a.sophos_pid
WHERE EXISTS (SELECT 1 FROM known k WHERE a.host = k.domain OR a.host LIKE '%.' || k.domain)
    OR a.what LIKE '%/IconStorages/images/main/%'
ORDER BY a.time, a.seq

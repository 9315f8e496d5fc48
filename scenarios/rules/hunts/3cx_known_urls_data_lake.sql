-- title: Hosts that talked to the known addresses of the 3CX campaign (Data Lake)
-- id: 3cx_known_urls_data_lake
-- level: high
-- attack: T1102.001, T1071.001
-- tags: 3cx
-- why: the same over what endpoints have sent in, for machines that are off

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
)
SELECT x.meta_hostname, x.sophos_pids, x.domain, x.clean_urls, x.seq
FROM xdr_data x
WHERE x.query_name = 'sophos_urls_windows'
    AND (EXISTS (SELECT 1 FROM known k WHERE lower(x.domain) = k.domain OR lower(x.domain) LIKE '%.' || k.domain)
        OR lower(x.clean_urls) LIKE '%/iconstorages/images/main/%')
ORDER BY x.meta_hostname

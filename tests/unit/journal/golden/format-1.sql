PRAGMA application_id = 1869767528;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE attempts (
    key           INTEGER PRIMARY KEY,
    call          INTEGER NOT NULL REFERENCES calls,
    n             INTEGER NOT NULL,
    run           INTEGER NOT NULL REFERENCES runs,
    person        TEXT NOT NULL,         -- its call's: one To's attempts are counted over all plans
    token         TEXT NOT NULL UNIQUE,  -- SHA-256 of the callback token; the token itself is only in the request
    started_at    TEXT NOT NULL,
    started       REAL NOT NULL,
    placement     TEXT,
    evidence      TEXT,
    sid           TEXT,
    http_status   INTEGER,
    message       TEXT,
    placed_at     TEXT,
    ending        TEXT,
    legs          TEXT NOT NULL DEFAULT '[]',
    ended_at      TEXT,
    duration      INTEGER,
    recording_url TEXT,
    price         TEXT,
    currency      TEXT,
    fields        TEXT,                  -- its request as it was, where its call's is another by now; NULL: the call's
    not_found_at  TEXT,                  -- when a look-up that should have shown it last did not; NULL: none did
    UNIQUE (call, n)                     -- a second sender of the same attempt cannot commit its intent
) STRICT;
INSERT INTO "attempts" VALUES(1,1,1,1,'acme1:+918123400001','2bd2c0be56927c510461a94bcba0b012ef74f0217ba5aabaaff32fa8610cfbeb','2026-09-21T14:13:22.000Z',1790000002.0,'accepted','reply','sid-1',200,NULL,'2026-09-21T14:13:23.000Z','completed','[]','2026-09-21T14:13:24.000Z',41,NULL,'1.200','INR',NULL,NULL);
INSERT INTO "attempts" VALUES(2,2,1,1,'acme1:+918123400002','0a0fe068bc77179b0097a49b3c6eb3a7bde7dd023ef31cc567126121eb77fa10','2026-09-21T14:13:25.000Z',1790000005.0,'accepted','reply','sid-2',200,NULL,'2026-09-21T14:13:26.000Z','busy','[]','2026-09-21T14:13:27.000Z',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(3,3,1,1,'acme1:+918123400003','5f172a7e535e72446ffd8f657ccf275a0d85d98cb81c73ac33d90d412fef02bd','2026-09-21T14:13:28.000Z',1790000008.0,'rejected','reply',NULL,400,'HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no','2026-09-21T14:13:29.000Z',NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(4,4,1,1,'acme1:+918123400004','bf032a31f322085ad05dfc4ce32d360dbf319a46ef4b297fc7ec8ce64b88e332','2026-09-21T14:13:30.000Z',1790000010.0,'throttled','reply',NULL,429,'HTTP 429: more requests than the account''s rate allows; the carrier says: no','2026-09-21T14:13:31.000Z',NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(5,4,2,1,'acme1:+918123400004','75182ba6c8f43d602ee6167914fe7301122f09583aea9043095a6efb30be4113','2026-09-21T14:13:32.000Z',1790000012.0,'accepted','reply','sid-4',200,NULL,'2026-09-21T14:13:33.000Z','unseen','[]','2026-09-21T14:13:42.000Z',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(6,5,1,1,'acme1:+918123400005','14714f5cdce3ad39a1e94a36e247ef289854e3a088d668a9bed973b30d35659c','2026-09-21T14:13:34.000Z',1790000014.0,'accepted','callback','sid-5',NULL,'nothing left this machine: connection refused; the answer was unreached, and a callback proves a call','2026-09-21T14:13:35.000Z','unseen','[]','2026-09-21T14:13:43.000Z',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(7,6,1,1,'acme1:+918123400006','4dcd9fdfa9f1bd85e5a8b6d8e56ed50feaccdd902af86af36ca01407a53369d6','2026-09-21T14:13:36.000Z',1790000016.0,'unknown',NULL,NULL,NULL,'the process ended before an answer was recorded',NULL,NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(8,8,1,2,'acme1:+918123400008','7365bc91fdd14bf269f0118f16aab64a1b367762a24703a50daeaf4939add62b','2026-09-21T14:13:40.000Z',1790000020.0,'accepted','callback','sid-8',NULL,'perhaps the phones rang: no answer in time','2026-09-21T14:13:41.000Z','completed','[]','2026-09-21T14:13:47.000Z',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(9,10,1,3,'acme1:+918123400009','07ad2b39df69c8ab3d19da746e828b353663cbb7e019b57ddcdf879b446db966','2026-09-21T14:13:50.000Z',1790000030.0,'rejected','reply',NULL,401,'HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no','2026-09-21T14:13:51.000Z',NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE calls (
    key           INTEGER PRIMARY KEY,
    plan          INTEGER NOT NULL REFERENCES plans,
    edition       TEXT NOT NULL,
    id            TEXT NOT NULL,
    position      INTEGER NOT NULL,   -- in the plan, for reports and for the order of dialing
    fields        TEXT NOT NULL,      -- JSON [[name, value or [values], origin], ...]
    pair          TEXT NOT NULL,      -- account and identity of (From, To), whatever their spelling
    carry         TEXT NOT NULL,      -- JSON object
    loaded_by     INTEGER NOT NULL REFERENCES runs,  -- the last run whose plan held it
    run           INTEGER NOT NULL REFERENCES runs,  -- the last run that touched it
    state         TEXT NOT NULL CHECK (state IN ('due', 'open', 'closed')),
    priority      INTEGER NOT NULL DEFAULT 0,        -- the plan's; a higher one is dialed first
    earliest      REAL NOT NULL DEFAULT 0,           -- the plan's not_before for this call
    latest        REAL,                              -- the plan's not_after for this call
    not_before    REAL NOT NULL DEFAULT 0,           -- when it may start by what is known now; never before `earliest`
    pair_free_at  REAL NOT NULL DEFAULT 0,           -- when its last attempt, if unknown, cannot be live any more
    listed        TEXT,               -- why it is not rung again, as last loaded: a list, a review, a bad row
    place         TEXT,               -- file:line of the plan's entry or of the row, as last loaded
    disposition   TEXT NOT NULL DEFAULT 'waiting',
    reason        TEXT,
    rung          INTEGER NOT NULL DEFAULT 0,        -- its attempts that may have rung: the triggers below count them
    finished      REAL,               -- when a run gave it its disposition; NULL where it has none, or by a bulk list
    agent         TEXT GENERATED ALWAYS AS (substr(pair, 1, instr(pair, '>') - 1)) VIRTUAL, -- account and identity of From
    person        TEXT GENERATED ALWAYS AS                                                  -- account and identity of To
        (substr(pair, 1, instr(pair, ':')) || substr(pair, instr(pair, '>') + 1)) VIRTUAL,
    UNIQUE (plan, edition, id)
) STRICT;
INSERT INTO "calls" VALUES(1,1,'','order-1',0,'[["From","+917410410123","call"],["To","+918123400001","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400001','{}',1,1,'closed',0,0.0,NULL,0.0,1790014822.0,NULL,'cod.yaml:1','completed',NULL,1,1790000004.0);
INSERT INTO "calls" VALUES(2,1,'','order-2',1,'[["From","+917410410123","call"],["To","+918123400002","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400002','{}',1,1,'closed',0,0.0,NULL,0.0,1790014825.0,NULL,'cod.yaml:1','busy',NULL,1,1790000007.0);
INSERT INTO "calls" VALUES(3,1,'','order-3',2,'[["From","+917410410123","call"],["To","+918123400003","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400003','{}',1,1,'closed',0,0.0,NULL,0.0,1790014828.0,NULL,'cod.yaml:1','rejected','HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no',0,1790000009.0);
INSERT INTO "calls" VALUES(4,1,'','order-4',3,'[["From","+917410410123","call"],["To","+918123400004","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400004','{}',1,1,'closed',0,0.0,NULL,1790000012.0,1790014832.0,NULL,'cod.yaml:1','unseen',NULL,1,1790000022.0);
INSERT INTO "calls" VALUES(5,1,'','order-5',4,'[["From","+917410410123","call"],["To","+918123400005","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400005','{}',1,2,'closed',0,0.0,NULL,1790000016.0,1790014834.0,NULL,'cod.yaml:1','unseen',NULL,1,1790000023.0);
INSERT INTO "calls" VALUES(6,1,'','order-6',5,'[["From","+917410410123","call"],["To","+918123400006","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400006','{}',1,1,'closed',0,0.0,NULL,0.0,1790014836.0,NULL,'cod.yaml:1','unknown','the process ended before an answer was recorded',1,1790000025.0);
INSERT INTO "calls" VALUES(7,1,'','order-7',6,'[["From","+917410410123","call"],["To","+918123400007","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400007','{}',1,2,'closed',0,0.0,NULL,0.0,0.0,NULL,'cod.yaml:1','not-dialed','superseded',0,NULL);
INSERT INTO "calls" VALUES(8,1,'rising','order-8',0,'[["From","+917410410123","call"],["To","+918123400008","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400008','{}',2,2,'closed',0,0.0,NULL,0.0,1790014840.0,NULL,'cod.yaml:1','completed',NULL,1,1790000027.0);
INSERT INTO "calls" VALUES(9,1,'rising','order-2',1,'[["From","+917410410123","call"],["To","+918123400002","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400002','{}',2,2,'due',0,0.0,NULL,0.0,0.0,NULL,'cod.yaml:1','waiting',NULL,0,NULL);
INSERT INTO "calls" VALUES(10,2,'','order-1',0,'[["From","+917410410123","call"],["To","+918123400009","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400009','{}',3,3,'closed',0,0.0,NULL,0.0,1790014850.0,NULL,'cod.yaml:1','not-dialed','account',0,1790000031.0);
CREATE TABLE events (
    seq     INTEGER PRIMARY KEY,
    type    TEXT NOT NULL,
    at      TEXT NOT NULL,
    run     TEXT NOT NULL,
    call    TEXT,
    attempt INTEGER,
    data    TEXT NOT NULL,
    seal    TEXT,                      -- the hash of the tables as its transaction left them; NULL: a later event has it
    hash    TEXT NOT NULL              -- over the other columns and the hash before: journal/chain.py
) STRICT;
INSERT INTO "events" VALUES(1,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"plan":"cod","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}',NULL,'a291a8d826b89d8a0ab39f9ba1675ab9feb58718fd2c9e51a2f36d685564576c');
INSERT INTO "events" VALUES(2,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"calls":7,"to_dial":7,"already":0}','14d3c2e5d80930bed06bdf72621d1b00','bf2088eaf8acac8b65018dff2e00b522a94e7b811552aae834f01630b4225f1d');
INSERT INTO "events" VALUES(3,'attempt.started','2026-09-21T14:13:22.000Z','20260921T142640m000-aaaa','order-1',1,'{"from":"+917410410123","to":"+918123400001"}','1485ae016b0a38c00b7ae0217cf0898c','8edcb1e6774573c5b7dce1a9b181e2282c297f614ae26294ec04b0e70a355319');
INSERT INTO "events" VALUES(4,'attempt.placed','2026-09-21T14:13:23.000Z','20260921T142640m000-aaaa','order-1',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-1","message":null}','7948abd333ad705c1455a2214d79b904','8edb9c87ef68ead5a6e534d801935937543dc21ba19adbcd4dcfc60bf2f3d0b7');
INSERT INTO "events" VALUES(5,'callback.received','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"event":"terminal","status":"completed","sid":"sid-1"}',NULL,'279f9cea90e3196da00955b2a38df18a541ce98b267165ba18fafb6a1944f2e8');
INSERT INTO "events" VALUES(6,'call.ended','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"disposition":"completed","reason":null,"duration":41,"ending":"completed"}','42e2c15e5826c9b414ceb1276fba97be','09ee7005998490218e112ab102e2d6839863070f75e0e646c9ac7199a91a32d1');
INSERT INTO "events" VALUES(7,'attempt.started','2026-09-21T14:13:25.000Z','20260921T142640m000-aaaa','order-2',1,'{"from":"+917410410123","to":"+918123400002"}','cb92c230a16c9030d4abe6c55b7c74a8','7c8bf9a415f7f0d0eed5cd63282686214b8ee6d3efd30e1352da6a1bcc569652');
INSERT INTO "events" VALUES(8,'attempt.placed','2026-09-21T14:13:26.000Z','20260921T142640m000-aaaa','order-2',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-2","message":null}','cc7ed25e560f7324847f41ca2b273ed4','494c7aa7a0e688359b94020252abb41bbadcb7a2fadfc504be4396f394dd5148');
INSERT INTO "events" VALUES(9,'callback.received','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"event":"terminal","status":"busy","sid":"sid-2"}',NULL,'0fe5d60ff90a230ecea495203bb3fe0b33ae103820ad7c7ec7d2ef6d973c4cb9');
INSERT INTO "events" VALUES(10,'call.ended','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"disposition":"busy","reason":null,"duration":null,"ending":"busy"}','d0f5cac7640e53fdc18a038adfc90ddb','0315ac86d8a04fa9ccabf285ba68a940d077a7352935b2339eb0d65042aa8c56');
INSERT INTO "events" VALUES(11,'attempt.started','2026-09-21T14:13:28.000Z','20260921T142640m000-aaaa','order-3',1,'{"from":"+917410410123","to":"+918123400003"}','cbc24ec8110fabae1982077f84603418','043d343895b62ef46863fcc35034838687a9732499af4a94d627a2180ce0ca58');
INSERT INTO "events" VALUES(12,'attempt.placed','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"placement":"rejected","evidence":"reply","http_status":400,"sid":null,"message":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no"}',NULL,'5459d0949e2fdbdab4ac944e4a7d5702c02dbcac01ba38db2eb80945e36b4bbb');
INSERT INTO "events" VALUES(13,'call.ended','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"disposition":"rejected","reason":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no","duration":null,"ending":null}','0f2a551148b90b6f1b988b98d69deab1','e6265d32e01c3145e41c17152869fe17f04f0a27013b15b4de6f899844588ed4');
INSERT INTO "events" VALUES(14,'attempt.started','2026-09-21T14:13:30.000Z','20260921T142640m000-aaaa','order-4',1,'{"from":"+917410410123","to":"+918123400004"}','c9f9a88c624cda014d62ae781c126ab8','97bc367d900910c6ea340dbe73cfe5387938d5c511603636c1839fc37245f107');
INSERT INTO "events" VALUES(15,'attempt.placed','2026-09-21T14:13:31.000Z','20260921T142640m000-aaaa','order-4',1,'{"placement":"throttled","evidence":"reply","http_status":429,"sid":null,"message":"HTTP 429: more requests than the account''s rate allows; the carrier says: no"}','63d08a6fde508101d9109ee9e5420a4b','999f752a0f655f3c164fe535af2924ffe6641b31f60c7e16e3d10a734f158cb2');
INSERT INTO "events" VALUES(16,'attempt.started','2026-09-21T14:13:32.000Z','20260921T142640m000-aaaa','order-4',2,'{"from":"+917410410123","to":"+918123400004"}','387cdc59af5e53d9406dd5c516fd0bf7','0ce6c99eab63e3d99973e64142591367761c5b8041669f4807477a7fc2fb11db');
INSERT INTO "events" VALUES(17,'attempt.placed','2026-09-21T14:13:33.000Z','20260921T142640m000-aaaa','order-4',2,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-4","message":null}','d35aa9558370ecc016c39fefe0d6c836','2c2f74e0a86107f4b4d6421c547d7ee5d2438f3fcb9936295026204cee62a8e2');
INSERT INTO "events" VALUES(18,'attempt.started','2026-09-21T14:13:34.000Z','20260921T142640m000-aaaa','order-5',1,'{"from":"+917410410123","to":"+918123400005"}','fd9a9ea109cc6c5bf14ad4412d0e4df5','199697630bb651599c913a4a7585e4b4e19a7770f70441f4796b39bc764aa508');
INSERT INTO "events" VALUES(19,'attempt.placed','2026-09-21T14:13:35.000Z','20260921T142640m000-aaaa','order-5',1,'{"placement":"unreached","evidence":null,"http_status":null,"sid":null,"message":"nothing left this machine: connection refused"}','69003fe847a83d91fc47f73d13d6793c','75d85d96c9a45b153868d3b17d641ce4c01127a83f429d2534da972705301186');
INSERT INTO "events" VALUES(20,'attempt.started','2026-09-21T14:13:36.000Z','20260921T142640m000-aaaa','order-6',1,'{"from":"+917410410123","to":"+918123400006"}','0ac037d8123c3b4fd3806d5f58b775b3','20bcb6b5bbdbb806fe1f216d925a63375d4aa25da3b3f2779687f4658c4e9fd3');
INSERT INTO "events" VALUES(21,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"exit_code":5}','ba2218caad8e2d592ede7d1c0a50386b','d32bf3fd0793464ff4b5f6672d9e6c593602132e4f919ddc61461269e7e1f917');
INSERT INTO "events" VALUES(22,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"plan":"cod","edition":"rising","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}',NULL,'0206d4d8afa61fdc7c33e9ee96eed8552e1c29513ed6509f1dd816f5a75e8c87');
INSERT INTO "events" VALUES(23,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"calls":2,"to_dial":2,"already":0}','d002a59f72bd5f232d7204e23edbd26d','17a6eb5e0a7e0906864cd4fd41089b4d7790e58bf1548f32eae1fbd0d0858123');
INSERT INTO "events" VALUES(24,'callback.received','2026-09-21T14:13:39.000Z','20260921T142640m000-aaaa','order-5',1,'{"event":"answered","status":"in-progress","sid":"sid-5"}',NULL,'4d28f9ce649313ce8b456c0771ba91bca3c6217c944851b0a827fa80528d9a57');
INSERT INTO "events" VALUES(25,'attempt.contradicted','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"message":"the answer was unreached, and a callback proves a call","evidence":"callback","begun":"20260921T142640m000-aaaa"}',NULL,'23b920c40cb9acad0e14fa8b8657140c97a0a5d1be8f849875450d0d8c5244b6');
INSERT INTO "events" VALUES(26,'attempt.settled','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"placement":"accepted","evidence":"callback","sid":"sid-5","ending":null,"begun":"20260921T142640m000-aaaa"}','c326b74138575768cc63f6dfe813c42c','23cf059eec4f55fc26bfbe86c63a3e4094aaed85101cf4f0a7aaf3e1c5395cc1');
INSERT INTO "events" VALUES(27,'attempt.started','2026-09-21T14:13:40.000Z','20260921T142640m000-bbbb','order-8',1,'{"from":"+917410410123","to":"+918123400008"}','3deb0178c28b9fb0a39953e6a7567ee8','1becb27aa2017a69176cb2bccb9e3db374bd5a873fccee50efaa573cfb9ab14b');
INSERT INTO "events" VALUES(28,'attempt.placed','2026-09-21T14:13:41.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"perhaps the phones rang: no answer in time"}','4c127fef6d7f51c210ce14a61f0402f4','71fc260e7762d4e997d434e4e3861b0f530f0f19599bb055d40d44b79f76409a');
INSERT INTO "events" VALUES(29,'call.ended','2026-09-21T14:13:42.000Z','20260921T142640m000-bbbb','order-4',2,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','a3d721737c74ea435dbe6380c2f92ff5','10b98c4500e3a2deba5ba9680611537505338474dd0082b10e3e54260f79188c');
INSERT INTO "events" VALUES(30,'call.ended','2026-09-21T14:13:43.000Z','20260921T142640m000-bbbb','order-5',1,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','0ff90de7bb70389ec319c13724d565dc','177f975138c189e44ba0e94f7a0a192eaf3015e55043c0aa39b5b0b397d8de50');
INSERT INTO "events" VALUES(31,'attempt.placed','2026-09-21T14:13:44.000Z','20260921T142640m000-bbbb','order-6',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"the process ended before an answer was recorded","begun":"20260921T142640m000-aaaa"}','b0780bf64c257192657a01800645fa22','030b3e105983c86b0f9312c1568129118a6feb855df7ac79e56be8c79073bee4');
INSERT INTO "events" VALUES(32,'call.ended','2026-09-21T14:13:45.000Z','20260921T142640m000-bbbb','order-6',1,'{"disposition":"unknown","reason":"the process ended before an answer was recorded","duration":null,"ending":null,"begun":"20260921T142640m000-aaaa"}','d3ad4776e11e38cae390f76467b8383b','72b946bd5e5db075171b0f64274a61248799e2f1a691aca7603680caf6a91c89');
INSERT INTO "events" VALUES(33,'call.ended','2026-09-21T14:13:46.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"unknown","reason":"perhaps the phones rang: no answer in time","duration":null,"ending":null}','bcd7ec51144ae207cc9e96d1a071d406','675973c252bfc30f53b72f9015d4ca223bde131c018e22663c4e6de342d5a195');
INSERT INTO "events" VALUES(34,'callback.received','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"event":"terminal","status":"completed","sid":"sid-8"}',NULL,'1dd61e7452c0dfc6b89dbcb444dddf419cfcdefafd205d4dcfd015c9d856b39b');
INSERT INTO "events" VALUES(35,'attempt.settled','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"accepted","evidence":"callback","sid":"sid-8","ending":"completed"}',NULL,'7b8ec3c198f5dba537afccfef39f4df9f90550ac6119d93405e083dc4427b28c');
INSERT INTO "events" VALUES(36,'call.ended','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"completed","reason":null,"duration":null,"ending":"completed"}','3f223bc26d568fbf036a40812388eb9f','818eb4764bbab9aa4f0329a8c62f2cef8677ce2c2c5f9631185016972010f57c');
INSERT INTO "events" VALUES(37,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"exit_code":6}','39c02a6a86f480d75bb51b76b7372f01','363c5632930afed4aaf81e147b4e09a89f5e74df0ec6b82c12582481e0374d01');
INSERT INTO "events" VALUES(38,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"plan":"survey","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":""}',NULL,'b924743cc169dc3a2dc60a7fc17ca803eded406878d8ea9900900a0f61ca5455');
INSERT INTO "events" VALUES(39,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"calls":1,"to_dial":1,"already":0}','cf1b29860ece3722bf01cd1cbe00b9c7','53211825bcb5ae5a652acdf5b422620cdd42efd9b187069b7886e370479f33ca');
INSERT INTO "events" VALUES(40,'attempt.started','2026-09-21T14:13:50.000Z','20260921T142640m000-cccc','order-1',1,'{"from":"+917410410123","to":"+918123400009"}','6fd97c0d55455c92b30df581a64dbd3a','c6cc7d61784289db3a55a1b6c4548135bf181bfac167e40b95315d91ec5a3ccb');
INSERT INTO "events" VALUES(41,'attempt.placed','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"placement":"rejected","evidence":"reply","http_status":401,"sid":null,"message":"HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no"}',NULL,'2ac3bf14675f55105a94679968723f093bce0a53b718196b784a0fd3ef43bfb4');
INSERT INTO "events" VALUES(42,'call.ended','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"disposition":"not-dialed","reason":"account","duration":null,"ending":null}','5ea98a33514ddf0bf9ac27eba3c3af49','be97b0d217b22cde816eccec869f519cbc47c874c5a1eef741b65e821016690e');
INSERT INTO "events" VALUES(43,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-cccc',NULL,NULL,'{"exit_code":4}','ec2362bce8c22a72949208bfa5afff9d','22af5fe11f14b244463a76771acf8c76c13ea5e7a739c795fa924ca30a6e18c6');
CREATE TABLE holds (
    key      INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL CHECK (kind IN ('halted', 'paused', 'cancelled')),
    plan     INTEGER NOT NULL,        -- 0: the whole journal
    edition  TEXT NOT NULL,
    reason   TEXT NOT NULL,           -- the rule that halted, or why somebody did it
    by       TEXT NOT NULL,           -- who did; '' for the engine
    began    REAL NOT NULL,
    began_at TEXT NOT NULL,
    ended    REAL,                    -- NULL while it holds
    ended_at TEXT
) STRICT;
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('id','jr_70ebe881');
CREATE TABLE numbers (
    person   TEXT PRIMARY KEY,        -- account and identity of a To, as in `calls`
    dnd      TEXT NOT NULL CHECK (dnd IN ('yes', 'no', 'unavailable')),
    asked    REAL NOT NULL,
    asked_at TEXT NOT NULL
) STRICT;
CREATE TABLE pace (
    cap  TEXT PRIMARY KEY,            -- 'account:<sid>', 'look-ups:<sid>', 'plan:<key>'
    last REAL NOT NULL,               -- the slot that was given out last
    hold REAL NOT NULL DEFAULT 0      -- no slot before: the carrier asked for quiet
) STRICT;
CREATE TABLE plans (
    key     INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    source  TEXT NOT NULL,            -- the plan file that this name belongs to
    dialer  INTEGER,                  -- the fence: the run that intents are taken from
    UNIQUE (account, name)
) STRICT;
INSERT INTO "plans" VALUES(1,'acme1','cod','/root/cod.yaml',2);
INSERT INTO "plans" VALUES(2,'acme1','survey','',3);
CREATE TABLE reviewed (
    review INTEGER NOT NULL REFERENCES events,  -- the event that tells of the review, with the digest
    call   TEXT NOT NULL,                       -- its id; the digest fixes its numbers
    PRIMARY KEY (review, call)
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
    key        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    plan       INTEGER NOT NULL REFERENCES plans,
    edition    TEXT NOT NULL,
    digest     TEXT NOT NULL,
    target     TEXT NOT NULL,
    policy     TEXT NOT NULL DEFAULT '{}',  -- JSON of the resolved policy
    source     TEXT NOT NULL DEFAULT '',    -- the plan's file as it was run; '' for stdin
    inputs     TEXT NOT NULL DEFAULT '',  -- fingerprint of the plan's file and data; '' where it is not known
    calls      INTEGER NOT NULL DEFAULT 0,
    load       INTEGER NOT NULL,          -- the run that took the calls in: itself, or an earlier one with these inputs
    base       INTEGER NOT NULL DEFAULT 0, -- so many calls its stages count over: never less than those of the runs before
    time_out   INTEGER NOT NULL DEFAULT 0, -- the least TimeOut among the calls that it took in
    time_limit INTEGER NOT NULL DEFAULT 0, -- the least TimeLimit among them
    started_at TEXT NOT NULL,
    ended_at   TEXT,
    exit_code  INTEGER
) STRICT;
INSERT INTO "runs" VALUES(1,'20260921T142640m000-aaaa',1,'','sha256:0000000000000000000000000000000000000000000000000000000000000000','test','{"concurrency":20.0}','/root/cod.yaml','',7,1,7,60,14400,'2026-09-21T14:26:40.000Z','2026-09-21T14:30:00.000Z',5);
INSERT INTO "runs" VALUES(2,'20260921T142640m000-bbbb',1,'rising','sha256:0000000000000000000000000000000000000000000000000000000000000000','test','{"concurrency":20.0}','/root/cod.yaml','',2,2,2,60,14400,'2026-09-21T14:26:40.000Z','2026-09-21T14:30:00.000Z',6);
INSERT INTO "runs" VALUES(3,'20260921T142640m000-cccc',2,'','sha256:0000000000000000000000000000000000000000000000000000000000000000','test','{"concurrency":20.0}','','',1,3,1,60,14400,'2026-09-21T14:26:40.000Z','2026-09-21T14:30:00.000Z',4);
CREATE TABLE seals (
    name TEXT PRIMARY KEY,            -- of the table
    sum  TEXT NOT NULL                -- of its rows' hashes, 64 hexadecimal digits
) STRICT, WITHOUT ROWID;
INSERT INTO "seals" VALUES('attempts','363e26767b120d9fb955afe5fa89e381982019b3a812b123df52ebe69f8bf709');
INSERT INTO "seals" VALUES('calls','d8cb76c4ce669d5de41439c12ec7705bfff213191f846ff1933eb16e8941b37e');
INSERT INTO "seals" VALUES('plans','d664c40d84a93683c51c3e6445f1de291e7c229eed81c5f305bd09beb677ece8');
INSERT INTO "seals" VALUES('runs','9104a84dd3f2b0732516ba51d75d6d34459caa887de7e7b9c2fe48a6e4965758');
CREATE TABLE suppressed (
    number  TEXT PRIMARY KEY,         -- its identity
    because TEXT NOT NULL,
    by      TEXT NOT NULL,
    at      TEXT NOT NULL
) STRICT;
CREATE INDEX calls_by_state ON calls (plan, edition, state, priority DESC, position);
CREATE INDEX calls_never_dialed ON calls (plan, edition, disposition) WHERE disposition IN ('not-dialed', 'rejected');
CREATE INDEX calls_in_flight ON calls (plan) WHERE state = 'open';
CREATE INDEX calls_blocking_a_pair ON calls (pair) WHERE state = 'open' OR disposition = 'unknown';
CREATE INDEX calls_due ON calls (plan, edition, not_before) WHERE state = 'due';
CREATE INDEX calls_rung ON calls (plan, edition, state, priority DESC, position) WHERE rung > 0;
CREATE INDEX calls_finished ON calls (plan, edition, finished)
    WHERE finished IS NOT NULL AND disposition NOT IN ('unknown', 'rejected', 'not-dialed', 'suppressed');
CREATE TRIGGER attempts_begin AFTER INSERT ON attempts
BEGIN
    UPDATE calls SET rung = rung + (NEW.placement IS NULL OR NEW.placement IN ('accepted', 'unknown')) WHERE key = NEW.call;
END;
CREATE TRIGGER attempts_turn_out AFTER UPDATE OF placement ON attempts WHEN NEW.placement IS NOT OLD.placement
BEGIN
    UPDATE calls SET rung = rung + (NEW.placement IS NULL OR NEW.placement IN ('accepted', 'unknown'))
        - (OLD.placement IS NULL OR OLD.placement IN ('accepted', 'unknown')) WHERE key = NEW.call;
END;
CREATE INDEX attempts_by_start ON attempts (started);
CREATE INDEX attempts_incomplete ON attempts (run) WHERE ending IS NOT NULL AND (duration IS NULL OR price IS NULL);
CREATE INDEX attempts_by_person ON attempts (person, started);
CREATE INDEX attempts_by_sid ON attempts (sid) WHERE sid IS NOT NULL;
CREATE UNIQUE INDEX holds_that_hold ON holds (plan, edition, kind) WHERE ended IS NULL;
CREATE INDEX events_of_runs ON events (run, type) WHERE call IS NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
WHEN OLD.seal IS NOT NULL OR NEW.seal IS NULL OR OLD.seq <> (SELECT max(seq) FROM events)
    OR (NEW.seq, NEW.type, NEW.at, NEW.run, NEW.data) IS NOT (OLD.seq, OLD.type, OLD.at, OLD.run, OLD.data)
    OR NEW.call IS NOT OLD.call OR NEW.attempt IS NOT OLD.attempt
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_are_only_appended BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
COMMIT;

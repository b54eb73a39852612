PRAGMA application_id = 1869767528;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE attempts (
    key           INTEGER PRIMARY KEY,
    call          INTEGER NOT NULL REFERENCES calls,
    n             INTEGER NOT NULL,
    run           INTEGER NOT NULL REFERENCES runs,
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
    not_found_at  TEXT,                  -- when a look-up that should have shown it last did not; NULL: none did
    UNIQUE (call, n)                     -- a second sender of the same attempt cannot commit its intent
) STRICT;
INSERT INTO "attempts" VALUES(1,1,1,1,'2bd2c0be56927c510461a94bcba0b012ef74f0217ba5aabaaff32fa8610cfbeb','2026-09-21T14:13:22.000Z',1790000002.0,'accepted','reply','sid-1',200,NULL,'2026-09-21T14:13:23.000Z','completed','[]','2026-09-21T14:13:24.000Z',41,NULL,'1.200','INR',NULL);
INSERT INTO "attempts" VALUES(2,2,1,1,'0a0fe068bc77179b0097a49b3c6eb3a7bde7dd023ef31cc567126121eb77fa10','2026-09-21T14:13:25.000Z',1790000005.0,'accepted','reply','sid-2',200,NULL,'2026-09-21T14:13:26.000Z','busy','[]','2026-09-21T14:13:27.000Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(3,3,1,1,'5f172a7e535e72446ffd8f657ccf275a0d85d98cb81c73ac33d90d412fef02bd','2026-09-21T14:13:28.000Z',1790000008.0,'rejected','reply',NULL,400,'HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no','2026-09-21T14:13:29.000Z',NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(4,4,1,1,'bf032a31f322085ad05dfc4ce32d360dbf319a46ef4b297fc7ec8ce64b88e332','2026-09-21T14:13:30.000Z',1790000010.0,'throttled','reply',NULL,429,'HTTP 429: more requests than the account''s rate allows; the carrier says: no','2026-09-21T14:13:31.000Z',NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(5,4,2,1,'75182ba6c8f43d602ee6167914fe7301122f09583aea9043095a6efb30be4113','2026-09-21T14:13:32.000Z',1790000012.0,'accepted','reply','sid-4',200,NULL,'2026-09-21T14:13:33.000Z','unseen','[]','2026-09-21T14:13:42.000Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(6,5,1,1,'14714f5cdce3ad39a1e94a36e247ef289854e3a088d668a9bed973b30d35659c','2026-09-21T14:13:34.000Z',1790000014.0,'accepted','callback','sid-5',NULL,'nothing left this machine: connection refused; the answer was unreached, and a callback proves a call','2026-09-21T14:13:35.000Z','unseen','[]','2026-09-21T14:13:43.000Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(7,6,1,1,'4dcd9fdfa9f1bd85e5a8b6d8e56ed50feaccdd902af86af36ca01407a53369d6','2026-09-21T14:13:36.000Z',1790000016.0,'unknown',NULL,NULL,NULL,'the process ended before an answer was recorded',NULL,NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(8,8,1,2,'7365bc91fdd14bf269f0118f16aab64a1b367762a24703a50daeaf4939add62b','2026-09-21T14:13:40.000Z',1790000020.0,'accepted','callback','sid-8',NULL,'perhaps the phones rang: no answer in time','2026-09-21T14:13:41.000Z','completed','[]','2026-09-21T14:13:47.000Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(9,10,1,3,'07ad2b39df69c8ab3d19da746e828b353663cbb7e019b57ddcdf879b446db966','2026-09-21T14:13:50.000Z',1790000030.0,'rejected','reply',NULL,401,'HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no','2026-09-21T14:13:51.000Z',NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL);
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
    not_before    REAL NOT NULL DEFAULT 0,
    pair_free_at  REAL NOT NULL DEFAULT 0,           -- when its last attempt, if unknown, cannot be live any more
    place         TEXT,               -- file:line of the plan's entry or of the row, as last loaded
    disposition   TEXT NOT NULL DEFAULT 'waiting',
    reason        TEXT,
    UNIQUE (plan, edition, id)
) STRICT;
INSERT INTO "calls" VALUES(1,1,'','order-1',0,'[["From","+917410410123","call"],["To","+918123400001","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400001','{}',1,1,'closed',0.0,1790014822.0,'cod.yaml:1','completed',NULL);
INSERT INTO "calls" VALUES(2,1,'','order-2',1,'[["From","+917410410123","call"],["To","+918123400002","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400002','{}',1,1,'closed',0.0,1790014825.0,'cod.yaml:1','busy',NULL);
INSERT INTO "calls" VALUES(3,1,'','order-3',2,'[["From","+917410410123","call"],["To","+918123400003","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400003','{}',1,1,'closed',0.0,1790014828.0,'cod.yaml:1','rejected','HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no');
INSERT INTO "calls" VALUES(4,1,'','order-4',3,'[["From","+917410410123","call"],["To","+918123400004","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400004','{}',1,1,'closed',1790000012.0,1790014832.0,'cod.yaml:1','unseen',NULL);
INSERT INTO "calls" VALUES(5,1,'','order-5',4,'[["From","+917410410123","call"],["To","+918123400005","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400005','{}',1,2,'closed',1790000016.0,1790014834.0,'cod.yaml:1','unseen',NULL);
INSERT INTO "calls" VALUES(6,1,'','order-6',5,'[["From","+917410410123","call"],["To","+918123400006","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400006','{}',1,1,'closed',0.0,1790014836.0,'cod.yaml:1','unknown','the process ended before an answer was recorded');
INSERT INTO "calls" VALUES(7,1,'','order-7',6,'[["From","+917410410123","call"],["To","+918123400007","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400007','{}',1,2,'closed',0.0,0.0,'cod.yaml:1','not-dialed','superseded');
INSERT INTO "calls" VALUES(8,1,'rising','order-8',0,'[["From","+917410410123","call"],["To","+918123400008","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400008','{}',2,2,'closed',0.0,1790014840.0,'cod.yaml:1','completed',NULL);
INSERT INTO "calls" VALUES(9,1,'rising','order-2',1,'[["From","+917410410123","call"],["To","+918123400002","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400002','{}',2,2,'due',0.0,0.0,'cod.yaml:1','waiting',NULL);
INSERT INTO "calls" VALUES(10,2,'','order-1',0,'[["From","+917410410123","call"],["To","+918123400009","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400009','{}',3,3,'closed',0.0,1790014850.0,'cod.yaml:1','not-dialed','account');
CREATE TABLE events (
    seq     INTEGER PRIMARY KEY,
    type    TEXT NOT NULL,
    at      TEXT NOT NULL,
    run     TEXT NOT NULL,
    call    TEXT,
    attempt INTEGER,
    data    TEXT NOT NULL,
    hash    TEXT NOT NULL              -- over the other columns and the hash before: journal/chain.py
) STRICT;
INSERT INTO "events" VALUES(1,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"plan":"cod","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}','275475df642e12dfe27b8dbb19fa17525ca30a6a8e6b59c7c61ec5cdffb87920');
INSERT INTO "events" VALUES(2,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"calls":7,"to_dial":7,"already":0}','3f456aad49ac9c75e306ea8ba40f064d2c6947b6a0c665d91b2812ec2757281c');
INSERT INTO "events" VALUES(3,'attempt.started','2026-09-21T14:13:22.000Z','20260921T142640m000-aaaa','order-1',1,'{"from":"+917410410123","to":"+918123400001"}','91a18145244b3163dfdd171a96ed6472f5304a1bdf21a80c506308aacc0aa4dc');
INSERT INTO "events" VALUES(4,'attempt.placed','2026-09-21T14:13:23.000Z','20260921T142640m000-aaaa','order-1',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-1","message":null}','5e9f2c15ee43b89d4f6b4e62fc8cb22e70ad3b5126cf316447d4f707ebaf3bb8');
INSERT INTO "events" VALUES(5,'callback.received','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"event":"terminal","status":"completed","sid":"sid-1"}','d69fc4a43b317a4bf2dd4d49c7556b622643d24ee29aeb25697c5c78e5fcf586');
INSERT INTO "events" VALUES(6,'call.ended','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"disposition":"completed","reason":null,"duration":41,"ending":"completed"}','99850cd5409ea1b6cf9089f74eec00790943c59ceeb74a2e78058b3e5eaa62cc');
INSERT INTO "events" VALUES(7,'attempt.started','2026-09-21T14:13:25.000Z','20260921T142640m000-aaaa','order-2',1,'{"from":"+917410410123","to":"+918123400002"}','7ed69c9e9bb5312fecba0052e59cf0aaf9ffd42cb924aeb52aa4e9f121135472');
INSERT INTO "events" VALUES(8,'attempt.placed','2026-09-21T14:13:26.000Z','20260921T142640m000-aaaa','order-2',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-2","message":null}','b5d9243498a2ebc28a4491c455566d4607e7797ffc925db556d6ba46a05d8514');
INSERT INTO "events" VALUES(9,'callback.received','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"event":"terminal","status":"busy","sid":"sid-2"}','025d8bc90fc9345485f5777fdf310ec9d0f2c0e13fa1de78bd472aa22efad8b4');
INSERT INTO "events" VALUES(10,'call.ended','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"disposition":"busy","reason":null,"duration":null,"ending":"busy"}','ba1da0ed80718a8fb17e24169c4ab116139694be189ecb88d9717db89ab4af06');
INSERT INTO "events" VALUES(11,'attempt.started','2026-09-21T14:13:28.000Z','20260921T142640m000-aaaa','order-3',1,'{"from":"+917410410123","to":"+918123400003"}','6c513dec5f38710739ef622f7c828fc0f6974fbe7dad9daa827542c8e4dd6182');
INSERT INTO "events" VALUES(12,'attempt.placed','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"placement":"rejected","evidence":"reply","http_status":400,"sid":null,"message":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no"}','547c444220f34a893b74f04cec27ac7f16af6d35ce61089f08c91e44447bd55c');
INSERT INTO "events" VALUES(13,'call.ended','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"disposition":"rejected","reason":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no","duration":null,"ending":null}','47dc763c04669fd90a8f3b36e6912d26d69e5f2fba6038c004b30b237be14e8e');
INSERT INTO "events" VALUES(14,'attempt.started','2026-09-21T14:13:30.000Z','20260921T142640m000-aaaa','order-4',1,'{"from":"+917410410123","to":"+918123400004"}','fc12e5ddbfc7a540c97be72955771cc5306899b7613db8702de49fc423c56d9b');
INSERT INTO "events" VALUES(15,'attempt.placed','2026-09-21T14:13:31.000Z','20260921T142640m000-aaaa','order-4',1,'{"placement":"throttled","evidence":"reply","http_status":429,"sid":null,"message":"HTTP 429: more requests than the account''s rate allows; the carrier says: no"}','3e1562aa8fbe9f585e3ec777e6bdcaee860b3f52be0b33761d0c4105c50877c0');
INSERT INTO "events" VALUES(16,'attempt.started','2026-09-21T14:13:32.000Z','20260921T142640m000-aaaa','order-4',2,'{"from":"+917410410123","to":"+918123400004"}','0edbd6fde74e004de1b05f23a9180943e2f59dba47673c723f2aa276aea57e14');
INSERT INTO "events" VALUES(17,'attempt.placed','2026-09-21T14:13:33.000Z','20260921T142640m000-aaaa','order-4',2,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-4","message":null}','8e63fb2cd34c9e4ea5c8893a5321e7468f052a498ca32aa7f12532c9a05dbf53');
INSERT INTO "events" VALUES(18,'attempt.started','2026-09-21T14:13:34.000Z','20260921T142640m000-aaaa','order-5',1,'{"from":"+917410410123","to":"+918123400005"}','2e064e3a295d706da6cb2ccc2144b0c5d445b22cd220d2d8627d6ae9799812f8');
INSERT INTO "events" VALUES(19,'attempt.placed','2026-09-21T14:13:35.000Z','20260921T142640m000-aaaa','order-5',1,'{"placement":"unreached","evidence":null,"http_status":null,"sid":null,"message":"nothing left this machine: connection refused"}','f38e994315d2f51d6020f9834bca9f7f4985f7d9f791fa062c516fe74a3fc4ad');
INSERT INTO "events" VALUES(20,'attempt.started','2026-09-21T14:13:36.000Z','20260921T142640m000-aaaa','order-6',1,'{"from":"+917410410123","to":"+918123400006"}','d274c24cf7bebdcf460dce822e7601ae71ff8291bb140e4aa3cf0a851815c940');
INSERT INTO "events" VALUES(21,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"exit_code":5}','2c455989b629283b8cef5c74898759b6ee229a7fcc7b87752d709e4ac0cd3841');
INSERT INTO "events" VALUES(22,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"plan":"cod","edition":"rising","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}','a2cf3f40062f7f49d71346a543d9f7429fde84a24b5d13f4b999be01ce440079');
INSERT INTO "events" VALUES(23,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"calls":2,"to_dial":2,"already":0}','3410fe9e709da9eb1ee1d4d3e2049c321428642024a2aaad35685ad0b2981055');
INSERT INTO "events" VALUES(24,'callback.received','2026-09-21T14:13:39.000Z','20260921T142640m000-aaaa','order-5',1,'{"event":"answered","status":"in-progress","sid":"sid-5"}','c68de4d81236eb06208c31f56f16da3ea5c7343deab1bab646a01d9a7a0325e4');
INSERT INTO "events" VALUES(25,'attempt.contradicted','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"message":"the answer was unreached, and a callback proves a call","evidence":"callback","begun":"20260921T142640m000-aaaa"}','9c83f12380bbcbf4cebd9456f7458fea3dd61227b92f098ee0d867688fb6b1d7');
INSERT INTO "events" VALUES(26,'attempt.settled','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"placement":"accepted","evidence":"callback","sid":"sid-5","ending":null,"begun":"20260921T142640m000-aaaa"}','2dad361023234d62689d6f2ecefb33d1f6f4e8a03328a61d0d38b0ac18240535');
INSERT INTO "events" VALUES(27,'attempt.started','2026-09-21T14:13:40.000Z','20260921T142640m000-bbbb','order-8',1,'{"from":"+917410410123","to":"+918123400008"}','3709be10e49fd24716e7c34f8e804370638c3115a86a3f33c1ff0efeb1a7d82c');
INSERT INTO "events" VALUES(28,'attempt.placed','2026-09-21T14:13:41.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"perhaps the phones rang: no answer in time"}','a0fa13c77fe8255cdea04b1816f923ab531c8fa6576639bd3186be7098d9dc6f');
INSERT INTO "events" VALUES(29,'call.ended','2026-09-21T14:13:42.000Z','20260921T142640m000-bbbb','order-4',2,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','33bee93421ef1eb4fffb1bd956139096333870fd5433e0054fbfebde42dcfb6f');
INSERT INTO "events" VALUES(30,'call.ended','2026-09-21T14:13:43.000Z','20260921T142640m000-bbbb','order-5',1,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','bd0ae6cd57b471b58941aaf6595b7afafb9ed3d801ad5cc6eb4e3c4987793b6c');
INSERT INTO "events" VALUES(31,'attempt.placed','2026-09-21T14:13:44.000Z','20260921T142640m000-bbbb','order-6',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"the process ended before an answer was recorded","begun":"20260921T142640m000-aaaa"}','211a2deeb9e38b7f3ada1964c8766d1c822d5ae1413b677fffe4961d01dcf0c7');
INSERT INTO "events" VALUES(32,'call.ended','2026-09-21T14:13:45.000Z','20260921T142640m000-bbbb','order-6',1,'{"disposition":"unknown","reason":"the process ended before an answer was recorded","duration":null,"ending":null,"begun":"20260921T142640m000-aaaa"}','dcbd65eb1068ca139971df2eddc3c6adc0182c03e86d21f39cc91c818281c1bf');
INSERT INTO "events" VALUES(33,'call.ended','2026-09-21T14:13:46.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"unknown","reason":"perhaps the phones rang: no answer in time","duration":null,"ending":null}','5a69aafddbc599dc4fe6736b566fca1a38420e26ce87d0363e78632b90ef4572');
INSERT INTO "events" VALUES(34,'callback.received','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"event":"terminal","status":"completed","sid":"sid-8"}','59a7a011460e25ed13a1eab8c9470713eaeb222e0ff0e09015f931c6bb3a11db');
INSERT INTO "events" VALUES(35,'attempt.settled','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"accepted","evidence":"callback","sid":"sid-8","ending":"completed"}','5ca3ce0e05ca2ddac4aa98215187f3d956e4d0b210f90edd4aed2cd17b825185');
INSERT INTO "events" VALUES(36,'call.ended','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"completed","reason":null,"duration":null,"ending":"completed"}','a595bf9e7168dc4f4887454b3bd6692a92a51991bc6b707bc5ba8a31d957b44f');
INSERT INTO "events" VALUES(37,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"exit_code":6}','f327469e8028bfa466f816b79f02e7a23850ee9564b0073f19e535a5401d2690');
INSERT INTO "events" VALUES(38,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"plan":"survey","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":""}','d0c31792916263fc8dfe2ad8a80a56cd426fe8599695e15dcdc34eb2f6860e28');
INSERT INTO "events" VALUES(39,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"calls":1,"to_dial":1,"already":0}','f6d4efac7b7967cbae31323ccf3389f7d7f0b9a0ad5096abe14fa1f9e1a75064');
INSERT INTO "events" VALUES(40,'attempt.started','2026-09-21T14:13:50.000Z','20260921T142640m000-cccc','order-1',1,'{"from":"+917410410123","to":"+918123400009"}','bb82d829df27906135bdbdc4f274fe201e972379efc1f31645a50e478275e021');
INSERT INTO "events" VALUES(41,'attempt.placed','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"placement":"rejected","evidence":"reply","http_status":401,"sid":null,"message":"HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no"}','cdc81d67c196e803000acfedfe87d0867ab4dfcefa4ce2f1bb15a37f759a8b52');
INSERT INTO "events" VALUES(42,'call.ended','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"disposition":"not-dialed","reason":"account","duration":null,"ending":null}','7c856f16249a1d4c33fdf204a87cf08ec21ab0158217720e5ad66d825b473687');
INSERT INTO "events" VALUES(43,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-cccc',NULL,NULL,'{"exit_code":4}','46e08e4bec7afcf9a9487eac2bceddcb383611ce40bd57b28212a9ddb6142cb4');
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('id','jr_58335f3e');
INSERT INTO "meta" VALUES('dialer','3');
CREATE TABLE plans (
    key     INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    source  TEXT NOT NULL,            -- the plan file that this name belongs to
    UNIQUE (account, name)
) STRICT;
INSERT INTO "plans" VALUES(1,'acme1','cod','/root/cod.yaml');
INSERT INTO "plans" VALUES(2,'acme1','survey','');
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
    started_at TEXT NOT NULL,
    ended_at   TEXT,
    exit_code  INTEGER
) STRICT;
INSERT INTO "runs" VALUES(1,'20260921T142640m000-aaaa',1,'','sha256:0000000000000000000000000000000000000000000000000000000000000000','test','{"concurrency":20.0}','/root/cod.yaml','',7,1,'2026-09-21T14:26:40.000Z','2026-09-21T14:30:00.000Z',5);
INSERT INTO "runs" VALUES(2,'20260921T142640m000-bbbb',1,'rising','sha256:0000000000000000000000000000000000000000000000000000000000000000','test','{"concurrency":20.0}','/root/cod.yaml','',2,2,'2026-09-21T14:26:40.000Z','2026-09-21T14:30:00.000Z',6);
INSERT INTO "runs" VALUES(3,'20260921T142640m000-cccc',2,'','sha256:0000000000000000000000000000000000000000000000000000000000000000','test','{"concurrency":20.0}','','',1,3,'2026-09-21T14:26:40.000Z','2026-09-21T14:30:00.000Z',4);
CREATE INDEX calls_by_state ON calls (plan, edition, state, position);
CREATE INDEX calls_never_dialed ON calls (plan, edition) WHERE disposition IN ('not-dialed', 'rejected');
CREATE INDEX calls_in_flight ON calls (plan) WHERE state = 'open';
CREATE INDEX calls_blocking_a_pair ON calls (pair) WHERE state = 'open' OR disposition = 'unknown';
CREATE INDEX attempts_by_start ON attempts (started);
CREATE INDEX attempts_by_sid ON attempts (sid) WHERE sid IS NOT NULL;
CREATE INDEX events_of_runs ON events (run, type) WHERE call IS NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
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

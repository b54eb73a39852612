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
    hash    TEXT NOT NULL              -- over the other columns and the hash before: journal/chain.py
) STRICT;
INSERT INTO "events" VALUES(1,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"plan":"cod","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}','e6d5823e19f7c628e6055057fbe38289db1ed87b23f120a537cf9078a120c47a');
INSERT INTO "events" VALUES(2,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"calls":7,"to_dial":7,"already":0}','52a0c35bc58ebad4d21bea7f38b309fd7c8452a3145f9a778826f22620cfb432');
INSERT INTO "events" VALUES(3,'attempt.started','2026-09-21T14:13:22.000Z','20260921T142640m000-aaaa','order-1',1,'{"from":"+917410410123","to":"+918123400001"}','9acbcf7d94f70d0a6ba17ebbe5c8333eceb7d2f3686d9a341e88b5e26fb1213d');
INSERT INTO "events" VALUES(4,'attempt.placed','2026-09-21T14:13:23.000Z','20260921T142640m000-aaaa','order-1',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-1","message":null}','ca124b3d20cf651b00800625ce3c37681d466bf0f72a5eff55e00480e170c46f');
INSERT INTO "events" VALUES(5,'callback.received','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"event":"terminal","status":"completed","sid":"sid-1"}','0c612d9144319b8c2bb366ce668119911e893d0edc4162094f457f19c879c0fb');
INSERT INTO "events" VALUES(6,'call.ended','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"disposition":"completed","reason":null,"duration":41,"ending":"completed"}','c7e02cff39ecb14c073b0353ae29df074eb51f51d8ffd16e0cc793a19f9fd09c');
INSERT INTO "events" VALUES(7,'attempt.started','2026-09-21T14:13:25.000Z','20260921T142640m000-aaaa','order-2',1,'{"from":"+917410410123","to":"+918123400002"}','b156a40f67778f0138672c94b4a684c23d673b978c386d549959b07a1450dced');
INSERT INTO "events" VALUES(8,'attempt.placed','2026-09-21T14:13:26.000Z','20260921T142640m000-aaaa','order-2',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-2","message":null}','c543b53afef74ec5da4a5a890372557fa0fba2cd16cc5d298ec3be303f03fb69');
INSERT INTO "events" VALUES(9,'callback.received','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"event":"terminal","status":"busy","sid":"sid-2"}','e043e113093fd0760f7eb63edac71790d174cdd75d098ade8b66443e59682ae8');
INSERT INTO "events" VALUES(10,'call.ended','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"disposition":"busy","reason":null,"duration":null,"ending":"busy"}','67e9480dbeb8050525c2188e99d9619e07d2a8df3cc7d0c61791752de93a21d6');
INSERT INTO "events" VALUES(11,'attempt.started','2026-09-21T14:13:28.000Z','20260921T142640m000-aaaa','order-3',1,'{"from":"+917410410123","to":"+918123400003"}','a7c8cd1efd6eda6ddd5bbd89318fa459323810c9610fcf904500103996f46e36');
INSERT INTO "events" VALUES(12,'attempt.placed','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"placement":"rejected","evidence":"reply","http_status":400,"sid":null,"message":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no"}','98f06f6b76ccb565d42ca1b8502560998372b96f5c94fdd56af896f1035afd9d');
INSERT INTO "events" VALUES(13,'call.ended','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"disposition":"rejected","reason":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no","duration":null,"ending":null}','7ee615ef2eeba79b8d31466246f077ad8d3de11d985408776b805d0025510a98');
INSERT INTO "events" VALUES(14,'attempt.started','2026-09-21T14:13:30.000Z','20260921T142640m000-aaaa','order-4',1,'{"from":"+917410410123","to":"+918123400004"}','567f506a3e304562351354cb9e3530609c2d66eba1771312647c00e20a682925');
INSERT INTO "events" VALUES(15,'attempt.placed','2026-09-21T14:13:31.000Z','20260921T142640m000-aaaa','order-4',1,'{"placement":"throttled","evidence":"reply","http_status":429,"sid":null,"message":"HTTP 429: more requests than the account''s rate allows; the carrier says: no"}','cc4ecbc01cc18e4830dbdf8c3cfedc1ab36c760b368f5981ec264550dceeae4f');
INSERT INTO "events" VALUES(16,'attempt.started','2026-09-21T14:13:32.000Z','20260921T142640m000-aaaa','order-4',2,'{"from":"+917410410123","to":"+918123400004"}','408dd4131c408073a6d83f026a786c84225195d09057eb2f96bfe743a85bd7a3');
INSERT INTO "events" VALUES(17,'attempt.placed','2026-09-21T14:13:33.000Z','20260921T142640m000-aaaa','order-4',2,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-4","message":null}','8365e6ef76f257abf88c82e024afab46b04a3110c45907f4b12d703e5b30ac4b');
INSERT INTO "events" VALUES(18,'attempt.started','2026-09-21T14:13:34.000Z','20260921T142640m000-aaaa','order-5',1,'{"from":"+917410410123","to":"+918123400005"}','11a112b0cf6a04983800b5a3251a27ba49feffe7f340a986e63ceddbd7effd35');
INSERT INTO "events" VALUES(19,'attempt.placed','2026-09-21T14:13:35.000Z','20260921T142640m000-aaaa','order-5',1,'{"placement":"unreached","evidence":null,"http_status":null,"sid":null,"message":"nothing left this machine: connection refused"}','9fcee6b4dc383720d553162078ea3ec8b348857fa1cb310aa058997409897ace');
INSERT INTO "events" VALUES(20,'attempt.started','2026-09-21T14:13:36.000Z','20260921T142640m000-aaaa','order-6',1,'{"from":"+917410410123","to":"+918123400006"}','8a57263c53806297248e987dea22f6d13e73702161369f1f9e33c84da693d910');
INSERT INTO "events" VALUES(21,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"exit_code":5}','4eb3462d90cfda259557769a98ca568126e97d3fb065e859021e6a7e958916b2');
INSERT INTO "events" VALUES(22,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"plan":"cod","edition":"rising","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}','c6d7a63016b8544a3f5fa042074b18b51e80a0b9863c3bd6f7d9ac5433422c0a');
INSERT INTO "events" VALUES(23,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"calls":2,"to_dial":2,"already":0}','d08fe46646a0bcb5fafb76ee16439693beb640246f075a928acbe0d385098cda');
INSERT INTO "events" VALUES(24,'callback.received','2026-09-21T14:13:39.000Z','20260921T142640m000-aaaa','order-5',1,'{"event":"answered","status":"in-progress","sid":"sid-5"}','23f9110b43aa92b7e98ceff01fc87c56406aa97d59939be926117dc50db870bf');
INSERT INTO "events" VALUES(25,'attempt.contradicted','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"message":"the answer was unreached, and a callback proves a call","evidence":"callback","begun":"20260921T142640m000-aaaa"}','b21acfad757afe502c087163fc9699686a3379633d9517f845b0a967aae818fd');
INSERT INTO "events" VALUES(26,'attempt.settled','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"placement":"accepted","evidence":"callback","sid":"sid-5","ending":null,"begun":"20260921T142640m000-aaaa"}','74da584fe62d73d4eb159a9cc66c68468d745c61660441071e6f605a252db221');
INSERT INTO "events" VALUES(27,'attempt.started','2026-09-21T14:13:40.000Z','20260921T142640m000-bbbb','order-8',1,'{"from":"+917410410123","to":"+918123400008"}','414d32a6019098b5940fd4db6c69047019427af63f132cb17c751e758db1401f');
INSERT INTO "events" VALUES(28,'attempt.placed','2026-09-21T14:13:41.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"perhaps the phones rang: no answer in time"}','b1596f1c000ba28d6fda902775a0a3e4b68f5abb89ffa1ff7dcc8db76cc736a5');
INSERT INTO "events" VALUES(29,'call.ended','2026-09-21T14:13:42.000Z','20260921T142640m000-bbbb','order-4',2,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','81398761aea7b71ee88dc380d2bab2c04dcb53329b8f58ede1bf765b8c95e9a6');
INSERT INTO "events" VALUES(30,'call.ended','2026-09-21T14:13:43.000Z','20260921T142640m000-bbbb','order-5',1,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','2d27db5c0bc5cda9506921e8a1128808c78f9da377f2a1d5eee87f67d2b966a9');
INSERT INTO "events" VALUES(31,'attempt.placed','2026-09-21T14:13:44.000Z','20260921T142640m000-bbbb','order-6',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"the process ended before an answer was recorded","begun":"20260921T142640m000-aaaa"}','8cb949b5d3b86e80d4787781fb884f07bfcc4b900c08cef1b7d96b14bd0e24c2');
INSERT INTO "events" VALUES(32,'call.ended','2026-09-21T14:13:45.000Z','20260921T142640m000-bbbb','order-6',1,'{"disposition":"unknown","reason":"the process ended before an answer was recorded","duration":null,"ending":null,"begun":"20260921T142640m000-aaaa"}','216fb0a42cc6cbc09ed1f54de9b2b7cfe688bbc7a743bd702c8a7bd73ba27fa4');
INSERT INTO "events" VALUES(33,'call.ended','2026-09-21T14:13:46.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"unknown","reason":"perhaps the phones rang: no answer in time","duration":null,"ending":null}','bd448a510f44d2056ad5ed1d413659704ccd2eddcdd6672d9acf0be9200ff38d');
INSERT INTO "events" VALUES(34,'callback.received','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"event":"terminal","status":"completed","sid":"sid-8"}','87dcf97074316f078c71538fa99851d44c7a0f8359cef3503178d730fb14d846');
INSERT INTO "events" VALUES(35,'attempt.settled','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"accepted","evidence":"callback","sid":"sid-8","ending":"completed"}','b927ec863d6b3efbe8e2ec46356a745c511b95a6c2fb318d33c3117cb8f93d1e');
INSERT INTO "events" VALUES(36,'call.ended','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"completed","reason":null,"duration":null,"ending":"completed"}','f5dfcdb74b057508908d0c703304395bbdb63fcf7d4ae2f0b30de5682bb5b690');
INSERT INTO "events" VALUES(37,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"exit_code":6}','7751fbb8e82ecf25986ee517eb4906e2d1dd2f4446b18c9b0d2eaa6a96f82c4f');
INSERT INTO "events" VALUES(38,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"plan":"survey","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":""}','fd2c20142bbaa1ab90f59a3ba0f826c87dab03c871139a3710e71a8e600f3f8e');
INSERT INTO "events" VALUES(39,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"calls":1,"to_dial":1,"already":0}','4b80aeb1270021a85a4a14947525b40d449361f4e4ba56ea7b195103a574f029');
INSERT INTO "events" VALUES(40,'attempt.started','2026-09-21T14:13:50.000Z','20260921T142640m000-cccc','order-1',1,'{"from":"+917410410123","to":"+918123400009"}','a80497cba960a8b3e41404df83908e295fd95edca91698f292897f9504765e0a');
INSERT INTO "events" VALUES(41,'attempt.placed','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"placement":"rejected","evidence":"reply","http_status":401,"sid":null,"message":"HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no"}','e1a464929d18e471cdefc03a7adbb8e4441ccfabf8ca2b74577de720061d5c4d');
INSERT INTO "events" VALUES(42,'call.ended','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"disposition":"not-dialed","reason":"account","duration":null,"ending":null}','8f20868f2c720dcd0cecaf86f1c0c3c0abf1524bb3b2e2b2db0c21cbf61f7e5f');
INSERT INTO "events" VALUES(43,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-cccc',NULL,NULL,'{"exit_code":4}','57f322993594a5b8e35655596452f9ad93e61d6486a7cc95397e26028b06a8e6');
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
INSERT INTO "meta" VALUES('id','jr_9f8ba3a7');
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

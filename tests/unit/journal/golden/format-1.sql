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
    agent         TEXT NOT NULL,      -- account and identity of From
    person        TEXT NOT NULL,      -- account and identity of To
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
    rung          INTEGER NOT NULL DEFAULT 0,        -- its attempts that may have rung
    finished      REAL,               -- when a run gave it its disposition last; NULL where none did since it was due, or by a bulk list
    UNIQUE (plan, edition, id)
) STRICT;
INSERT INTO "calls" VALUES(1,1,'','order-1',0,'[["From","+917410410123","call"],["To","+918123400001","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400001','acme1:+917410410123','acme1:+918123400001','{}',1,1,'closed',0,0.0,NULL,0.0,1790014822.0,NULL,'cod.yaml:1','completed',NULL,1,1790000004.0);
INSERT INTO "calls" VALUES(2,1,'','order-2',1,'[["From","+917410410123","call"],["To","+918123400002","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400002','acme1:+917410410123','acme1:+918123400002','{}',1,1,'closed',0,0.0,NULL,0.0,1790014825.0,NULL,'cod.yaml:1','busy',NULL,1,1790000007.0);
INSERT INTO "calls" VALUES(3,1,'','order-3',2,'[["From","+917410410123","call"],["To","+918123400003","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400003','acme1:+917410410123','acme1:+918123400003','{}',1,1,'closed',0,0.0,NULL,0.0,1790014828.0,NULL,'cod.yaml:1','rejected','HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no',0,1790000009.0);
INSERT INTO "calls" VALUES(4,1,'','order-4',3,'[["From","+917410410123","call"],["To","+918123400004","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400004','acme1:+917410410123','acme1:+918123400004','{}',1,1,'closed',0,0.0,NULL,1790000012.0,1790014832.0,NULL,'cod.yaml:1','unseen',NULL,1,1790000022.0);
INSERT INTO "calls" VALUES(5,1,'','order-5',4,'[["From","+917410410123","call"],["To","+918123400005","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400005','acme1:+917410410123','acme1:+918123400005','{}',1,2,'closed',0,0.0,NULL,1790000016.0,1790014834.0,NULL,'cod.yaml:1','unseen',NULL,1,1790000023.0);
INSERT INTO "calls" VALUES(6,1,'','order-6',5,'[["From","+917410410123","call"],["To","+918123400006","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400006','acme1:+917410410123','acme1:+918123400006','{}',1,1,'closed',0,0.0,NULL,0.0,1790014836.0,NULL,'cod.yaml:1','unknown','the process ended before an answer was recorded',1,1790000025.0);
INSERT INTO "calls" VALUES(7,1,'','order-7',6,'[["From","+917410410123","call"],["To","+918123400007","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400007','acme1:+917410410123','acme1:+918123400007','{}',1,2,'closed',0,0.0,NULL,0.0,0.0,NULL,'cod.yaml:1','not-dialed','superseded',0,NULL);
INSERT INTO "calls" VALUES(8,1,'rising','order-8',0,'[["From","+917410410123","call"],["To","+918123400008","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400008','acme1:+917410410123','acme1:+918123400008','{}',2,2,'closed',0,0.0,NULL,0.0,1790014840.0,NULL,'cod.yaml:1','completed',NULL,1,1790000027.0);
INSERT INTO "calls" VALUES(9,1,'rising','order-2',1,'[["From","+917410410123","call"],["To","+918123400002","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400002','acme1:+917410410123','acme1:+918123400002','{}',2,2,'due',0,0.0,NULL,0.0,0.0,NULL,'cod.yaml:1','waiting',NULL,0,NULL);
INSERT INTO "calls" VALUES(10,2,'','order-1',0,'[["From","+917410410123","call"],["To","+918123400009","call"],["CallerId","1800123456","call"]]','acme1:+917410410123>+918123400009','acme1:+917410410123','acme1:+918123400009','{}',3,3,'closed',0,0.0,NULL,0.0,1790014850.0,NULL,'cod.yaml:1','not-dialed','account',0,1790000031.0);
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
INSERT INTO "events" VALUES(1,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"plan":"cod","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}',NULL,'31429bed6068703f78284dd3d984be106fba66e63b550409bc8ddf9f4d4412fc');
INSERT INTO "events" VALUES(2,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"calls":7,"to_dial":7,"already":0}','7ae06805ca958864a18ba40c38003271','0b3a7b35ca555031ffc853395057ada1d9e98768e65f4ea1fe026eef0b7365fd');
INSERT INTO "events" VALUES(3,'attempt.started','2026-09-21T14:13:22.000Z','20260921T142640m000-aaaa','order-1',1,'{"from":"+917410410123","to":"+918123400001"}','0a05a7cc166ef8fe50ac27a1710accfa','44aeb4929bbb2a1302a4fb540ba88bc6d66c8fdbcc87dd128870b2d0b16d323a');
INSERT INTO "events" VALUES(4,'attempt.placed','2026-09-21T14:13:23.000Z','20260921T142640m000-aaaa','order-1',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-1","message":null}','da5e5897f26332fe7d2a0f85067bb7b2','1eafb2172666c59b6bf7af17267618082597b06af41cedfd68c590d0b13d7ec7');
INSERT INTO "events" VALUES(5,'callback.received','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"event":"terminal","status":"completed","sid":"sid-1"}',NULL,'372703d9bc8cc6851d1acc704c51bc35374bd6a8f47aa0022cb1c307e110755a');
INSERT INTO "events" VALUES(6,'call.ended','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"disposition":"completed","reason":null,"duration":41,"ending":"completed"}','99aef123c44c8f7ee2625e6bf2177a3a','03412b69430381395b548f59e9f6a3094d18eb0f1fecd4388629470e862708ab');
INSERT INTO "events" VALUES(7,'attempt.started','2026-09-21T14:13:25.000Z','20260921T142640m000-aaaa','order-2',1,'{"from":"+917410410123","to":"+918123400002"}','415d95f11091b6a2f4658c11a61cd0eb','2b913ca19b62d4877f8ddcdd569c513c2273accaad0e2d72649ae8667f096898');
INSERT INTO "events" VALUES(8,'attempt.placed','2026-09-21T14:13:26.000Z','20260921T142640m000-aaaa','order-2',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-2","message":null}','b96002e0e508fff65617a7d8d4d51d8d','88936ee0ff96bf242c01f1726e022996451c1ca112123771e177e6157f33e7ec');
INSERT INTO "events" VALUES(9,'callback.received','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"event":"terminal","status":"busy","sid":"sid-2"}',NULL,'8c40584f28cf42f30bd2966bd7b692e6a8b934a6fd95122bcda62102416fc077');
INSERT INTO "events" VALUES(10,'call.ended','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"disposition":"busy","reason":null,"duration":null,"ending":"busy"}','4eaa67f86a491268ab2d2982fc1b3f3a','062ec9659e810622b3d930f9178ccf7db79b8ed310c52df8ad9c23be8789107a');
INSERT INTO "events" VALUES(11,'attempt.started','2026-09-21T14:13:28.000Z','20260921T142640m000-aaaa','order-3',1,'{"from":"+917410410123","to":"+918123400003"}','e73c789f34c7fcae5cd4b1bbaefa42d8','e6adc74461a1119a990c2f46328dd410a6e598fcaa452c597297c8c2632adfaf');
INSERT INTO "events" VALUES(12,'attempt.placed','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"placement":"rejected","evidence":"reply","http_status":400,"sid":null,"message":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no"}',NULL,'88bf8c01e806199726086181315345bd454cb8f5348214838f6b8d56ec4af78f');
INSERT INTO "events" VALUES(13,'call.ended','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"disposition":"rejected","reason":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no","duration":null,"ending":null}','b4328c08270bfdb5f276c6c4d1b64bb1','aef71e74cf989f4087ffe251b6ca003cfa70f07f77c7338c397d6962ec5aa210');
INSERT INTO "events" VALUES(14,'attempt.started','2026-09-21T14:13:30.000Z','20260921T142640m000-aaaa','order-4',1,'{"from":"+917410410123","to":"+918123400004"}','77cf705baf2a825586915fed82906d1b','99989d4ef1bf7325b65d985d6bb4710069a90ae3d10f17c69f6c115c2469d117');
INSERT INTO "events" VALUES(15,'attempt.placed','2026-09-21T14:13:31.000Z','20260921T142640m000-aaaa','order-4',1,'{"placement":"throttled","evidence":"reply","http_status":429,"sid":null,"message":"HTTP 429: more requests than the account''s rate allows; the carrier says: no"}','679da9e2a94cb6712d3c0f19be73dda7','884498c240ea0794be424e221d817e777d77788d9df8327a10276762f4b3ea61');
INSERT INTO "events" VALUES(16,'attempt.started','2026-09-21T14:13:32.000Z','20260921T142640m000-aaaa','order-4',2,'{"from":"+917410410123","to":"+918123400004"}','89ecc3f5a7fe9a95a70092ded2b35bc4','2b419951198d37f205576631dc90e13643f8ad9a9fc9e070a2311dd5a961c646');
INSERT INTO "events" VALUES(17,'attempt.placed','2026-09-21T14:13:33.000Z','20260921T142640m000-aaaa','order-4',2,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-4","message":null}','13dffb89dd3a161c3323566616e016a5','609dc76775318223c422f318921c464e43dfa2a018ed26b00e518bfb732592e8');
INSERT INTO "events" VALUES(18,'attempt.started','2026-09-21T14:13:34.000Z','20260921T142640m000-aaaa','order-5',1,'{"from":"+917410410123","to":"+918123400005"}','ca235f7cd9a2d5fb28451d93dcdfe5d7','07c73d100ad5aeafbf1094029013e1f4b7c0b916c3a960137aa49c697344635c');
INSERT INTO "events" VALUES(19,'attempt.placed','2026-09-21T14:13:35.000Z','20260921T142640m000-aaaa','order-5',1,'{"placement":"unreached","evidence":null,"http_status":null,"sid":null,"message":"nothing left this machine: connection refused"}','29e110046bc574ab2b5fb00f3a9e6c95','a22e560014a43809e1127d5f040290612d0400e24222388cde2ad6f3b18cb2e0');
INSERT INTO "events" VALUES(20,'attempt.started','2026-09-21T14:13:36.000Z','20260921T142640m000-aaaa','order-6',1,'{"from":"+917410410123","to":"+918123400006"}','a2bb480f9849ea6219f851cf811b98ff','09d5cd60d81536a8f7a043c2fe0557a0f5e1734a05139a01a1514706d7fc81fb');
INSERT INTO "events" VALUES(21,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"exit_code":5}','30bd47578ad4c24a9c27b5412c985f1b','fd737edc5a1b2151ccbdb3b1c38e0bb2429a1bb5e5486d9b63051bc24f4f5a08');
INSERT INTO "events" VALUES(22,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"plan":"cod","edition":"rising","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}',NULL,'a7cfe64e6fdc6f695ccdb2db0d0b4fbbf3c3a7e072f4d9050e5c41b5da735016');
INSERT INTO "events" VALUES(23,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"calls":2,"to_dial":2,"already":0}','ed0a72f53938a2ac572ba8c9810c185d','36132216190dbd8dcb84e390df58ec3cd3928017a2c171009471ac9d97096c62');
INSERT INTO "events" VALUES(24,'callback.received','2026-09-21T14:13:39.000Z','20260921T142640m000-aaaa','order-5',1,'{"event":"answered","status":"in-progress","sid":"sid-5"}',NULL,'82dd4e977119b15ac2a95079bc27e3985713190bf23510ea322b43e1799ea1db');
INSERT INTO "events" VALUES(25,'attempt.contradicted','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"message":"the answer was unreached, and a callback proves a call","evidence":"callback","begun":"20260921T142640m000-aaaa"}',NULL,'85fcabcd9e7b4d2a30a957e2f989eb995f83b86f897b14faf9900c7886dcd847');
INSERT INTO "events" VALUES(26,'attempt.settled','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"placement":"accepted","evidence":"callback","sid":"sid-5","ending":null,"begun":"20260921T142640m000-aaaa"}','979ec866679217ae4eaea7f2128420c6','c1f103110502503f2f1ec883e556d46c8c8ef5ca7555b5b3bac5db0481c41148');
INSERT INTO "events" VALUES(27,'attempt.started','2026-09-21T14:13:40.000Z','20260921T142640m000-bbbb','order-8',1,'{"from":"+917410410123","to":"+918123400008"}','7aa5e572ccd840a3cc1ef4eb2631d2b0','06c7b24bbf641e3ac57328743ee8d4f16c6dcfe5037945979b426acb3a420435');
INSERT INTO "events" VALUES(28,'attempt.placed','2026-09-21T14:13:41.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"perhaps the phones rang: no answer in time"}','bf2e34c959ae30347c19515ea5e86ab7','7705546d337c8ea720fb541bbd1674270a1f92e3aeb6838b3491e92abc4b2be9');
INSERT INTO "events" VALUES(29,'call.ended','2026-09-21T14:13:42.000Z','20260921T142640m000-bbbb','order-4',2,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','b4c803daa39d91ec182356ccc56c8030','187b8844baeb203e5b155fbba98d810436524cee5d8ef1b599f67fda8adabcbd');
INSERT INTO "events" VALUES(30,'call.ended','2026-09-21T14:13:43.000Z','20260921T142640m000-bbbb','order-5',1,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','6612131280dee42b7523f9b7f622e68a','df949bd1637237c3eaa8ce2143d3fae4a3d30361368a09ceedd68099d3e2b089');
INSERT INTO "events" VALUES(31,'attempt.placed','2026-09-21T14:13:44.000Z','20260921T142640m000-bbbb','order-6',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"the process ended before an answer was recorded","begun":"20260921T142640m000-aaaa"}','7ba67cfd34f9d3bb9bb9d589013b5f63','c4955eee4d0240300d089316f2277fc0753a0756667aa9204226b746b756547b');
INSERT INTO "events" VALUES(32,'call.ended','2026-09-21T14:13:45.000Z','20260921T142640m000-bbbb','order-6',1,'{"disposition":"unknown","reason":"the process ended before an answer was recorded","duration":null,"ending":null,"begun":"20260921T142640m000-aaaa"}','eb7775f946db2eed428671e8e2133aef','9615afb9c8af89d523576a3ca740892b7773f0f03e27a713ac09cbc9dc1a3f17');
INSERT INTO "events" VALUES(33,'call.ended','2026-09-21T14:13:46.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"unknown","reason":"perhaps the phones rang: no answer in time","duration":null,"ending":null}','b14043f7cdf3753437bba3fe5d920ed7','0d359d19c69d47a7aad51281b587af6ed4286bff647e6f0f7ac5f2a3ae66ad82');
INSERT INTO "events" VALUES(34,'callback.received','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"event":"terminal","status":"completed","sid":"sid-8"}',NULL,'18f0010bf2ae472612b5b6296f951db0f1d803f64196f9c7317fd0917f1629d3');
INSERT INTO "events" VALUES(35,'attempt.settled','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"accepted","evidence":"callback","sid":"sid-8","ending":"completed"}',NULL,'0b7f55391bdec2a72f4fe79a1920d152dd9f8603ace280ab1bab29cde855381b');
INSERT INTO "events" VALUES(36,'call.corrected','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"completed","reason":null,"duration":null,"ending":"completed"}','b4f1542e3bcc29703ddc7d74d5eb7eb2','04a83c0177127de3aba33ba1eb008a972680e941e9da48bc284f186189140992');
INSERT INTO "events" VALUES(37,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"exit_code":6}','873932954340664704fdbdc039c2a1d2','2f995c335489aeddd497de997d086711e184f6f70217550c861283a38b4819eb');
INSERT INTO "events" VALUES(38,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"plan":"survey","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":""}',NULL,'1febcfdc087790c8322ec0f94647532614a393ad843a51ae5ad04a098093b437');
INSERT INTO "events" VALUES(39,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"calls":1,"to_dial":1,"already":0}','c8252e711db78c13ce186199dc22720b','00ff9d88c5b9bf018f205baf7d32c63e139c101eae6a6729d1cfd369348f1414');
INSERT INTO "events" VALUES(40,'attempt.started','2026-09-21T14:13:50.000Z','20260921T142640m000-cccc','order-1',1,'{"from":"+917410410123","to":"+918123400009"}','931125960b74d7ec1b44dfd01b4c79d6','ab4c2a3c6c6e764fdefa4a7bba72d155e79dcbda20a35b60b190cad331929062');
INSERT INTO "events" VALUES(41,'attempt.placed','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"placement":"rejected","evidence":"reply","http_status":401,"sid":null,"message":"HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no"}',NULL,'74b281f66a82effd04536c6e0b3431c6d4cd14c515c4fa7405062b4b320a617f');
INSERT INTO "events" VALUES(42,'call.ended','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"disposition":"not-dialed","reason":"account","duration":null,"ending":null}','23cd085946f5e80052673b1b909b4042','166143301d7027030d20ca33f3552d9be42936f1f52f7c869826d717c4b467fa');
INSERT INTO "events" VALUES(43,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-cccc',NULL,NULL,'{"exit_code":4}','6fe058309e804a671563ac512f652089','e5c53ecdf6930c3184f316481da0efc4ebab3d162c06914cfde5b0398eb52f00');
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
INSERT INTO "meta" VALUES('id','jr_4224755b');
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
INSERT INTO "seals" VALUES('calls','423ecb1ceb56b8bebf007e8adc4b29c65ebeb30b72dd866e0f2dff635cd6fb4f');
INSERT INTO "seals" VALUES('plans','d664c40d84a93683c51c3e6445f1de291e7c229eed81c5f305bd09beb677ece8');
INSERT INTO "seals" VALUES('runs','9104a84dd3f2b0732516ba51d75d6d34459caa887de7e7b9c2fe48a6e4965758');
CREATE TABLE suppressed (
    number  TEXT PRIMARY KEY,         -- its identity
    because TEXT NOT NULL,
    by      TEXT NOT NULL,
    at      TEXT NOT NULL
) STRICT;
CREATE INDEX calls_by_state ON calls (plan, edition, state, priority DESC, position);
CREATE INDEX calls_without_ending ON calls (plan, edition, disposition)
    WHERE disposition IN ('not-dialed', 'rejected', 'unknown');
CREATE INDEX calls_in_flight ON calls (plan) WHERE state = 'open';
CREATE INDEX calls_blocking_a_pair ON calls (pair) WHERE state = 'open' OR disposition = 'unknown';
CREATE INDEX calls_due ON calls (plan, edition, not_before) WHERE state = 'due';
CREATE INDEX calls_rung ON calls (plan, edition, state, priority DESC, position) WHERE rung > 0;
CREATE INDEX calls_finished ON calls (plan, edition, finished)
    WHERE finished IS NOT NULL AND disposition NOT IN ('unknown', 'rejected', 'not-dialed', 'suppressed');
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

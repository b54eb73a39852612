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
INSERT INTO "events" VALUES(1,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"plan":"cod","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}',NULL,'b28e3110e1383b3b8542c245af5bebc14d94bd91696911b73498f52eedb34026');
INSERT INTO "events" VALUES(2,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"calls":7,"to_dial":7,"already":0}','7ae06805ca958864a18ba40c38003271','0af497a19e0c45911b0260cf01419306a950fafe785a8e20a2b251efa8f8f846');
INSERT INTO "events" VALUES(3,'attempt.started','2026-09-21T14:13:22.000Z','20260921T142640m000-aaaa','order-1',1,'{"from":"+917410410123","to":"+918123400001"}','0a05a7cc166ef8fe50ac27a1710accfa','9b2bf2214beb9e5d3653026b651c184ecefe16e352d4afaebacac9a52aebad88');
INSERT INTO "events" VALUES(4,'attempt.placed','2026-09-21T14:13:23.000Z','20260921T142640m000-aaaa','order-1',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-1","message":null}','da5e5897f26332fe7d2a0f85067bb7b2','34cdccfda0ae587589f9efa78e208bacdf76f79b9977c248227a51db5a834bbb');
INSERT INTO "events" VALUES(5,'callback.received','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"event":"terminal","status":"completed","sid":"sid-1"}',NULL,'b3e8cd08e93bf4178054b02bfe7ee49b00c3a8ae5d3faf39ba096e34342464c8');
INSERT INTO "events" VALUES(6,'call.ended','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"disposition":"completed","reason":null,"duration":41,"ending":"completed"}','99aef123c44c8f7ee2625e6bf2177a3a','2f27ab2735b23eca39f4be6adc84d567c7d44db941196badb0042bca1a902547');
INSERT INTO "events" VALUES(7,'attempt.started','2026-09-21T14:13:25.000Z','20260921T142640m000-aaaa','order-2',1,'{"from":"+917410410123","to":"+918123400002"}','415d95f11091b6a2f4658c11a61cd0eb','45d90546c0524f7824f73419d793efa247443dca06d459f1a124d6ac4fd951fa');
INSERT INTO "events" VALUES(8,'attempt.placed','2026-09-21T14:13:26.000Z','20260921T142640m000-aaaa','order-2',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-2","message":null}','b96002e0e508fff65617a7d8d4d51d8d','c036aaf524fbca7ebd6ca3c571c13c7cdfa0ca6029999088eff166e450e37ac8');
INSERT INTO "events" VALUES(9,'callback.received','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"event":"terminal","status":"busy","sid":"sid-2"}',NULL,'49bd37d4d9b047913a5a8c482443f6e502bcb87cbd6d2113727bf416fe8cc092');
INSERT INTO "events" VALUES(10,'call.ended','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"disposition":"busy","reason":null,"duration":null,"ending":"busy"}','4eaa67f86a491268ab2d2982fc1b3f3a','a90fb7ff53840ee736031aacd35e96e38e62e03d37cf1d148a37fa40bde376bc');
INSERT INTO "events" VALUES(11,'attempt.started','2026-09-21T14:13:28.000Z','20260921T142640m000-aaaa','order-3',1,'{"from":"+917410410123","to":"+918123400003"}','e73c789f34c7fcae5cd4b1bbaefa42d8','916969dae9182dd185afd40e9c938ddeec5f96db71d192c448613e31859aa393');
INSERT INTO "events" VALUES(12,'attempt.placed','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"placement":"rejected","evidence":"reply","http_status":400,"sid":null,"message":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no"}',NULL,'69e34cde406b07043d22e75f1805fd710bcc3873a9387051aabafbc2b2ae72f1');
INSERT INTO "events" VALUES(13,'call.ended','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"disposition":"rejected","reason":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no","duration":null,"ending":null}','b4328c08270bfdb5f276c6c4d1b64bb1','43d41831684852f82650951429f72b2053c5cc5d46d922312c676dbb0c0a52f1');
INSERT INTO "events" VALUES(14,'attempt.started','2026-09-21T14:13:30.000Z','20260921T142640m000-aaaa','order-4',1,'{"from":"+917410410123","to":"+918123400004"}','77cf705baf2a825586915fed82906d1b','2027f9ea2075efec9f9ee5cd58a11c99ab6dcb8e6e8f9a486318727736220df7');
INSERT INTO "events" VALUES(15,'attempt.placed','2026-09-21T14:13:31.000Z','20260921T142640m000-aaaa','order-4',1,'{"placement":"throttled","evidence":"reply","http_status":429,"sid":null,"message":"HTTP 429: more requests than the account''s rate allows; the carrier says: no"}','679da9e2a94cb6712d3c0f19be73dda7','80d9f4cc7462aaf8cd639c0b9feeb18427bb2936a41699d5956c00500e6cb148');
INSERT INTO "events" VALUES(16,'attempt.started','2026-09-21T14:13:32.000Z','20260921T142640m000-aaaa','order-4',2,'{"from":"+917410410123","to":"+918123400004"}','89ecc3f5a7fe9a95a70092ded2b35bc4','7b9498a03ddf61d1cdb026c3c2d442c067120d56b6fb1e1436bd16fd3dbfdacf');
INSERT INTO "events" VALUES(17,'attempt.placed','2026-09-21T14:13:33.000Z','20260921T142640m000-aaaa','order-4',2,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-4","message":null}','13dffb89dd3a161c3323566616e016a5','c58f3d5d18c5a60c6bf3e69997c7968492624675014064d11101102faa1dcf9c');
INSERT INTO "events" VALUES(18,'attempt.started','2026-09-21T14:13:34.000Z','20260921T142640m000-aaaa','order-5',1,'{"from":"+917410410123","to":"+918123400005"}','ca235f7cd9a2d5fb28451d93dcdfe5d7','1a0b5b65305703fa3544c8841793fb08fe9a896bd4b6ee4cb01f247a14236299');
INSERT INTO "events" VALUES(19,'attempt.placed','2026-09-21T14:13:35.000Z','20260921T142640m000-aaaa','order-5',1,'{"placement":"unreached","evidence":null,"http_status":null,"sid":null,"message":"nothing left this machine: connection refused"}','29e110046bc574ab2b5fb00f3a9e6c95','c969592421be08e3345b3f9edff10bd9d289eac3bcad433baa8d08643fc55115');
INSERT INTO "events" VALUES(20,'attempt.started','2026-09-21T14:13:36.000Z','20260921T142640m000-aaaa','order-6',1,'{"from":"+917410410123","to":"+918123400006"}','a2bb480f9849ea6219f851cf811b98ff','13665ef031e93679b0f0394f67699bb491943acacb5b73798fdb65eed0fe605e');
INSERT INTO "events" VALUES(21,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"exit_code":5}','30bd47578ad4c24a9c27b5412c985f1b','6a0524a09ebe86f938108f06489249f3eda81c2bb916390b62ab7baf3edff0fa');
INSERT INTO "events" VALUES(22,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"plan":"cod","edition":"rising","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}',NULL,'d44b6b2c70707e4c832023c9cff221ec340b9980fa042931ed5191dacad2faf6');
INSERT INTO "events" VALUES(23,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"calls":2,"to_dial":2,"already":0}','ed0a72f53938a2ac572ba8c9810c185d','9bf6c569def805992e587199396407419e5899634011f42a340b79b87413c59c');
INSERT INTO "events" VALUES(24,'callback.received','2026-09-21T14:13:39.000Z','20260921T142640m000-aaaa','order-5',1,'{"event":"answered","status":"in-progress","sid":"sid-5"}',NULL,'a12ed6894c8d76d2bcf854a483047c65a706769620b369cc2f3efb0f59ed18e3');
INSERT INTO "events" VALUES(25,'attempt.contradicted','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"message":"the answer was unreached, and a callback proves a call","evidence":"callback","begun":"20260921T142640m000-aaaa"}',NULL,'d5233e52a785615da2699ebf02c1df3eddf247a36dd72deecbae8984a3c5c97d');
INSERT INTO "events" VALUES(26,'attempt.settled','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"placement":"accepted","evidence":"callback","sid":"sid-5","ending":null,"begun":"20260921T142640m000-aaaa"}','979ec866679217ae4eaea7f2128420c6','7eb41768af927979959757013882b21982433f3a8511a1fd0aa7522748040a03');
INSERT INTO "events" VALUES(27,'attempt.started','2026-09-21T14:13:40.000Z','20260921T142640m000-bbbb','order-8',1,'{"from":"+917410410123","to":"+918123400008"}','7aa5e572ccd840a3cc1ef4eb2631d2b0','992d694e668f3ff88206ef099c9d10ddcfdd8b342f7dd8537f909df60799b2bd');
INSERT INTO "events" VALUES(28,'attempt.placed','2026-09-21T14:13:41.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"perhaps the phones rang: no answer in time"}','bf2e34c959ae30347c19515ea5e86ab7','006c6344b693adc0d40bb65094fc9366e9ed2b715129413ff1133626c62d89a1');
INSERT INTO "events" VALUES(29,'call.ended','2026-09-21T14:13:42.000Z','20260921T142640m000-bbbb','order-4',2,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','b4c803daa39d91ec182356ccc56c8030','66e80381c50dd534faca8680a6343058f56d53ab469cc72555ff9445bcbbf776');
INSERT INTO "events" VALUES(30,'call.ended','2026-09-21T14:13:43.000Z','20260921T142640m000-bbbb','order-5',1,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','6612131280dee42b7523f9b7f622e68a','a73634a1178f8cdcd8d4765cd228efe6c59f4e5d12aa2a3fa57b9bb0318fe6e3');
INSERT INTO "events" VALUES(31,'attempt.placed','2026-09-21T14:13:44.000Z','20260921T142640m000-bbbb','order-6',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"the process ended before an answer was recorded","begun":"20260921T142640m000-aaaa"}','7ba67cfd34f9d3bb9bb9d589013b5f63','14a08bd96c84d46dcaedc78a8b5779c9b0505051baceae83ecf66dc79928d730');
INSERT INTO "events" VALUES(32,'call.ended','2026-09-21T14:13:45.000Z','20260921T142640m000-bbbb','order-6',1,'{"disposition":"unknown","reason":"the process ended before an answer was recorded","duration":null,"ending":null,"begun":"20260921T142640m000-aaaa"}','eb7775f946db2eed428671e8e2133aef','613d97832f070b8ef8f5f3249eef1e2b197c9be8c060c536932c528bb2d7ea54');
INSERT INTO "events" VALUES(33,'call.ended','2026-09-21T14:13:46.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"unknown","reason":"perhaps the phones rang: no answer in time","duration":null,"ending":null}','b14043f7cdf3753437bba3fe5d920ed7','c634aaf6c058e0992c95f975d3c3c241ab751f0e3c2543d1008709f36ca582f8');
INSERT INTO "events" VALUES(34,'callback.received','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"event":"terminal","status":"completed","sid":"sid-8"}',NULL,'85faebaf311229e2871d0f7650266cd3da87e21b91fc348126a411d0dc569f58');
INSERT INTO "events" VALUES(35,'attempt.settled','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"accepted","evidence":"callback","sid":"sid-8","ending":"completed"}',NULL,'ca7cb835b4d3928dd1ba3662dec58493f574883b96bfba1247a0c24f420b8a9d');
INSERT INTO "events" VALUES(36,'call.corrected','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"completed","reason":null,"duration":null,"ending":"completed"}','b4f1542e3bcc29703ddc7d74d5eb7eb2','b57da3c4523e8837df3351db0b92add60508f56d8b838a5288cead47d8db430f');
INSERT INTO "events" VALUES(37,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"exit_code":6}','873932954340664704fdbdc039c2a1d2','57d6441874b378e40636be8283b4666df092581955ce35323bea8166df6b0be9');
INSERT INTO "events" VALUES(38,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"plan":"survey","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":""}',NULL,'9154184a5ebee95e4fc8ac179d700d2e7d614deed1b3aed17a38ac1866d91da8');
INSERT INTO "events" VALUES(39,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"calls":1,"to_dial":1,"already":0}','c8252e711db78c13ce186199dc22720b','b2c86c18f20b7bdcd176d6becf7f1652bf30f5e5b2e2f2b69d2406f0c0caf039');
INSERT INTO "events" VALUES(40,'attempt.started','2026-09-21T14:13:50.000Z','20260921T142640m000-cccc','order-1',1,'{"from":"+917410410123","to":"+918123400009"}','931125960b74d7ec1b44dfd01b4c79d6','11627aaa3fc800348181120ce43dc1e482df8fe3041f641d1b220ee761208cac');
INSERT INTO "events" VALUES(41,'attempt.placed','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"placement":"rejected","evidence":"reply","http_status":401,"sid":null,"message":"HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no"}',NULL,'6affd308a41eedb2cd70a215649938e51f50718f0cbe4259a028058ae034cece');
INSERT INTO "events" VALUES(42,'call.ended','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"disposition":"not-dialed","reason":"account","duration":null,"ending":null}','23cd085946f5e80052673b1b909b4042','48dbde418ac4bd8131ebfec94a842939a79a182825097d6a468a714e8fe46ba9');
INSERT INTO "events" VALUES(43,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-cccc',NULL,NULL,'{"exit_code":4}','6fe058309e804a671563ac512f652089','ba76e6f81c3c82a1d4a0e75dab6b73acad72759a4dffa3f9ed60ce14ceb4913b');
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
INSERT INTO "meta" VALUES('id','jr_9e5b04b2');
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
CREATE INDEX events_of_calls ON events (call) WHERE call IS NOT NULL;
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

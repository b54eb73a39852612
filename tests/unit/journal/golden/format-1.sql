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
    salt    TEXT NOT NULL,             -- 32 random hexadecimal digits: journal/chain.py
    seal    TEXT,                      -- the hash of the tables as its transaction left them; NULL: a later event has it
    hash    TEXT NOT NULL              -- over the other columns and the hash before: journal/chain.py
) STRICT;
INSERT INTO "events" VALUES(1,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"plan":"cod","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}','c6422a804cc6d5057763e336b97497dd',NULL,'ff5aeb028bb8fbc31b1f186004d122b6c253d4472aff95bf7dc4f8744013cc86');
INSERT INTO "events" VALUES(2,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"calls":7,"to_dial":7,"already":0}','d0ca10f5d11bee74017f0de3bf407d69','7ae06805ca958864a18ba40c38003271','8dfd561f190dc3844e69f8c26b6478fd6970857ba0f3d5f0e01245e3b7acbe79');
INSERT INTO "events" VALUES(3,'attempt.started','2026-09-21T14:13:22.000Z','20260921T142640m000-aaaa','order-1',1,'{"from":"+917410410123","to":"+918123400001"}','3cdae14a20991fbc0a1c2d9a922c0026','0a05a7cc166ef8fe50ac27a1710accfa','f80e364716b86d3dc394c0bf1e0a34a6ccf90543a1192f4f30153a238ee83026');
INSERT INTO "events" VALUES(4,'attempt.placed','2026-09-21T14:13:23.000Z','20260921T142640m000-aaaa','order-1',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-1","message":null}','84b389849eb182c3c57f85ac6ba597a8','da5e5897f26332fe7d2a0f85067bb7b2','8c33d6a817376955286bcbeac22815036ede22bcc869bc196719a9cc727fe49a');
INSERT INTO "events" VALUES(5,'callback.received','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"event":"terminal","status":"completed","sid":"sid-1"}','8921e07591224c5a8b918ccf7628ff09',NULL,'2588d12b93879c602845c06718d4d9b60875c0db31f3586b0a4f73da594ae85d');
INSERT INTO "events" VALUES(6,'call.ended','2026-09-21T14:13:24.000Z','20260921T142640m000-aaaa','order-1',1,'{"disposition":"completed","reason":null,"duration":41,"ending":"completed"}','7b9174194a92dda7f677c08a71c287c4','99aef123c44c8f7ee2625e6bf2177a3a','c3824a5be6b00a79c8dc9ccc69f28a32362587fcd8c24398e580098721a01a24');
INSERT INTO "events" VALUES(7,'attempt.started','2026-09-21T14:13:25.000Z','20260921T142640m000-aaaa','order-2',1,'{"from":"+917410410123","to":"+918123400002"}','51031cf143923eb1e8e21f5beba7e860','415d95f11091b6a2f4658c11a61cd0eb','a1844cf319137cf1955a35aaf1fbbee3af148dce650a9f314d847c6143293a2c');
INSERT INTO "events" VALUES(8,'attempt.placed','2026-09-21T14:13:26.000Z','20260921T142640m000-aaaa','order-2',1,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-2","message":null}','5ac0d513b2ebf83b2ab12c126827e2fb','b96002e0e508fff65617a7d8d4d51d8d','7a711b09442edd469abddf14b639f364e8d407f444428d7aae5fcb31aab42220');
INSERT INTO "events" VALUES(9,'callback.received','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"event":"terminal","status":"busy","sid":"sid-2"}','713aaaedafd84390a23b92da675b8014',NULL,'e3c7081a85d8f81137f5cbb96d72dda3274ebf090838fd6ad0dfe7ae8e13d1b3');
INSERT INTO "events" VALUES(10,'call.ended','2026-09-21T14:13:27.000Z','20260921T142640m000-aaaa','order-2',1,'{"disposition":"busy","reason":null,"duration":null,"ending":"busy"}','824e922c6c77b8ec06056dd36f2db1f9','4eaa67f86a491268ab2d2982fc1b3f3a','dd079af8668635e5d4263406f7d369d5d1ccbd56f9e14d8dbbf21f4d37705428');
INSERT INTO "events" VALUES(11,'attempt.started','2026-09-21T14:13:28.000Z','20260921T142640m000-aaaa','order-3',1,'{"from":"+917410410123","to":"+918123400003"}','f9f179158c88aa55936c90b2763068ff','e73c789f34c7fcae5cd4b1bbaefa42d8','66909ee997ffde207f56f8379fd278865f7876d9a3fbe1dd117c70fb72605100');
INSERT INTO "events" VALUES(12,'attempt.placed','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"placement":"rejected","evidence":"reply","http_status":400,"sid":null,"message":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no"}','344dcb3019f98ba139e1bf08eb616f8e',NULL,'34ac7474c798c952acc0470b60d7c4013a5bc83f231db7bf31cc25cd1a450ae2');
INSERT INTO "events" VALUES(13,'call.ended','2026-09-21T14:13:29.000Z','20260921T142640m000-aaaa','order-3',1,'{"disposition":"rejected","reason":"HTTP 400: the carrier found the request malformed: most likely a number or another parameter it cannot use; the carrier says: no","duration":null,"ending":null}','ef3b6571168eeed83125a393f87509ae','b4328c08270bfdb5f276c6c4d1b64bb1','a17da4356f51723a5df0c18c9cf105a885cd5873a828f7d1fd4a8feee39b51a0');
INSERT INTO "events" VALUES(14,'attempt.started','2026-09-21T14:13:30.000Z','20260921T142640m000-aaaa','order-4',1,'{"from":"+917410410123","to":"+918123400004"}','176a27a57497f980805e659764f2aed3','77cf705baf2a825586915fed82906d1b','8b872d84a8343df0b2c0affcaf428f3968211df4ff2861b5883dd07d71fbb4fe');
INSERT INTO "events" VALUES(15,'attempt.placed','2026-09-21T14:13:31.000Z','20260921T142640m000-aaaa','order-4',1,'{"placement":"throttled","evidence":"reply","http_status":429,"sid":null,"message":"HTTP 429: more requests than the account''s rate allows; the carrier says: no"}','bd20360aa3ec58ce6494ff9cb76238d5','679da9e2a94cb6712d3c0f19be73dda7','9bc1d83131f48240e396c41b3794067f43c9c429c461291f0bdcf47a544c4ef3');
INSERT INTO "events" VALUES(16,'attempt.started','2026-09-21T14:13:32.000Z','20260921T142640m000-aaaa','order-4',2,'{"from":"+917410410123","to":"+918123400004"}','4c0ff54f9ef6dc2aede44bee1a934fca','89ecc3f5a7fe9a95a70092ded2b35bc4','19ac5ff6707f90c32be8d0ee8e9a826b04e9e172ecf2beb8191ddcc2f9ac3b04');
INSERT INTO "events" VALUES(17,'attempt.placed','2026-09-21T14:13:33.000Z','20260921T142640m000-aaaa','order-4',2,'{"placement":"accepted","evidence":"reply","http_status":200,"sid":"sid-4","message":null}','176abfcf62f183e43327e4d6b2514c19','13dffb89dd3a161c3323566616e016a5','e8fe8e6d9ae91d52fd94b2477a6011913d343da687c0310b0eca9268857cfe73');
INSERT INTO "events" VALUES(18,'attempt.started','2026-09-21T14:13:34.000Z','20260921T142640m000-aaaa','order-5',1,'{"from":"+917410410123","to":"+918123400005"}','082969758d7ca2ef6316e7b329a83627','ca235f7cd9a2d5fb28451d93dcdfe5d7','d1b8facfdc96cf06ffd9017ced7b75752f8719c27cf8e385a97e656b3392d1f5');
INSERT INTO "events" VALUES(19,'attempt.placed','2026-09-21T14:13:35.000Z','20260921T142640m000-aaaa','order-5',1,'{"placement":"unreached","evidence":null,"http_status":null,"sid":null,"message":"nothing left this machine: connection refused"}','78a5394191c0afcbe56008a9346a3c9a','29e110046bc574ab2b5fb00f3a9e6c95','8b747211029335ff1ed279f267bff78bba2bd937627f047a8aac2fd3bc70671b');
INSERT INTO "events" VALUES(20,'attempt.started','2026-09-21T14:13:36.000Z','20260921T142640m000-aaaa','order-6',1,'{"from":"+917410410123","to":"+918123400006"}','9756d730cc740eacce13dc82bbb0a19f','a2bb480f9849ea6219f851cf811b98ff','526924a41a9d17a68c9c3681b0c562fffc82317371602f38d41868dd1519dbbc');
INSERT INTO "events" VALUES(21,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-aaaa',NULL,NULL,'{"exit_code":5}','9eaa10a837d30dce6889842222a139a7','30bd47578ad4c24a9c27b5412c985f1b','f20fc0b85ace9ea31b8e7a01dfa46dfa6868ca78220e8b80f0b4f659a558c99b');
INSERT INTO "events" VALUES(22,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"plan":"cod","edition":"rising","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":"/root/cod.yaml"}','8ce847eb07b7eeee20a88e8131aa2886',NULL,'7b3d65bbe8844667577abd5346cd5f3801c7586104968c3d334b3220d6d5d3e6');
INSERT INTO "events" VALUES(23,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"calls":2,"to_dial":2,"already":0}','8aeb8a97a4c65d9bac9d2f29fef8bb23','ed0a72f53938a2ac572ba8c9810c185d','b63213375ed5684a8c896e35b05734da4ae5974ea76232246eaebb83a078a198');
INSERT INTO "events" VALUES(24,'callback.received','2026-09-21T14:13:39.000Z','20260921T142640m000-aaaa','order-5',1,'{"event":"answered","status":"in-progress","sid":"sid-5"}','bf218533af155625488ad17ad20aca47',NULL,'c782976f954694d05a7dd84efb234f3d87a79e270746fc5fa92b6a9a9f9de08b');
INSERT INTO "events" VALUES(25,'attempt.contradicted','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"message":"the answer was unreached, and a callback proves a call","evidence":"callback","begun":"20260921T142640m000-aaaa"}','8845fe64cea6d5d2f967598dbd2cb003',NULL,'8d976cbb1df18b12d9e033c00ab34f3712ae1fe6ca5cac48e2d68ec49b809ecd');
INSERT INTO "events" VALUES(26,'attempt.settled','2026-09-21T14:13:39.000Z','20260921T142640m000-bbbb','order-5',1,'{"placement":"accepted","evidence":"callback","sid":"sid-5","ending":null,"begun":"20260921T142640m000-aaaa"}','abcef486ddce0f755a02af2b1870facf','979ec866679217ae4eaea7f2128420c6','87c01bed51a433f3c77a417f8ca4013d96c8acb0c47ac9d1491623b1337faeb0');
INSERT INTO "events" VALUES(27,'attempt.started','2026-09-21T14:13:40.000Z','20260921T142640m000-bbbb','order-8',1,'{"from":"+917410410123","to":"+918123400008"}','ff1930915972798f8f8758154160fd73','7aa5e572ccd840a3cc1ef4eb2631d2b0','894c867c253317fd29c955d9084c58138817fd831fe2cb40a344989a7f3ecc91');
INSERT INTO "events" VALUES(28,'attempt.placed','2026-09-21T14:13:41.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"perhaps the phones rang: no answer in time"}','faf5a2a53775366ca26975facaad84eb','bf2e34c959ae30347c19515ea5e86ab7','b563144a792657ff9dafd10bd16679f25c27944de5d371a432d4de40af70c819');
INSERT INTO "events" VALUES(29,'call.ended','2026-09-21T14:13:42.000Z','20260921T142640m000-bbbb','order-4',2,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','7cfa33886132d5b7b8701ef0264375a0','b4c803daa39d91ec182356ccc56c8030','b4ae6236d4b0944f43c7d3a7467dbd1866dc35d99ebf331bd070f61f8eedba6b');
INSERT INTO "events" VALUES(30,'call.ended','2026-09-21T14:13:43.000Z','20260921T142640m000-bbbb','order-5',1,'{"disposition":"unseen","reason":null,"duration":null,"ending":"unseen","begun":"20260921T142640m000-aaaa"}','4723895157ec6228bac82661a7249f98','6612131280dee42b7523f9b7f622e68a','86bcbe28fbfe917d667bb655f3650a0057e24c3e536b955548cf0d00c9449287');
INSERT INTO "events" VALUES(31,'attempt.placed','2026-09-21T14:13:44.000Z','20260921T142640m000-bbbb','order-6',1,'{"placement":"unknown","evidence":null,"http_status":null,"sid":null,"message":"the process ended before an answer was recorded","begun":"20260921T142640m000-aaaa"}','859e6fd62d9d8c80f1448bfb5fa9d2b6','7ba67cfd34f9d3bb9bb9d589013b5f63','784719360ec6e18fa66437141c5510fa230beacaa64c9a7666e54a7d3167c5e7');
INSERT INTO "events" VALUES(32,'call.ended','2026-09-21T14:13:45.000Z','20260921T142640m000-bbbb','order-6',1,'{"disposition":"unknown","reason":"the process ended before an answer was recorded","duration":null,"ending":null,"begun":"20260921T142640m000-aaaa"}','4d328ce9b1a884efa2640c2d70b34c49','eb7775f946db2eed428671e8e2133aef','cf90f1c3bf52854f1420900df393a6611461273672111b91f34a1698560ed1cf');
INSERT INTO "events" VALUES(33,'call.ended','2026-09-21T14:13:46.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"unknown","reason":"perhaps the phones rang: no answer in time","duration":null,"ending":null}','f81334c5028352fcbf53c643524f64e1','b14043f7cdf3753437bba3fe5d920ed7','2c2ba03ea77f79142700207d05e0a0d55820339fdc15e45d3aaaa54c513bea28');
INSERT INTO "events" VALUES(34,'callback.received','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"event":"terminal","status":"completed","sid":"sid-8"}','63b70adf0726722b809a348c57916163',NULL,'87d867cc195616a69cef5cf405f47ec4034bdc468111a710cf49feb165ede543');
INSERT INTO "events" VALUES(35,'attempt.settled','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"placement":"accepted","evidence":"callback","sid":"sid-8","ending":"completed"}','58e3a57ca08d8d4c32f3c98919d5eb82',NULL,'fa344950ea116fac230e86bcd83c1953e0a84753bb90c1a58792fa62263e40ce');
INSERT INTO "events" VALUES(36,'call.corrected','2026-09-21T14:13:47.000Z','20260921T142640m000-bbbb','order-8',1,'{"disposition":"completed","reason":null,"duration":null,"ending":"completed"}','010071bba72f2eabd40ef523725f53f8','b4f1542e3bcc29703ddc7d74d5eb7eb2','4bd00f1483490b2549b2b4f49ddd3f114eee580a072caf49f3c45ba55c36223e');
INSERT INTO "events" VALUES(37,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-bbbb',NULL,NULL,'{"exit_code":6}','e5f7ceb96a0a37bae48f1478759d7fb4','873932954340664704fdbdc039c2a1d2','cae38b764dce7410962ccbcf8f7b42385738df28f66fd6361528f14f0b173d5d');
INSERT INTO "events" VALUES(38,'run.started','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"plan":"survey","edition":"","target":"test","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","policy":"sha256:823bef17a06cd44608308a355ce03640dd669584d97e70c1648759c5f0387373","source":""}','af27e6c4787561d477dc0bf88d4997e3',NULL,'5fd65f9addfe8c62f1715931f7ec7e17b557dfa629eaafcb3a989b6b16edc10f');
INSERT INTO "events" VALUES(39,'calls.loaded','2026-09-21T14:26:40.000Z','20260921T142640m000-cccc',NULL,NULL,'{"calls":1,"to_dial":1,"already":0}','e4cd37dc7f111fb3ec7f152ff7377378','c8252e711db78c13ce186199dc22720b','60dddbaa1e035080c634b4f98099fb321fa1aefd7786876cb107dddc084e0617');
INSERT INTO "events" VALUES(40,'attempt.started','2026-09-21T14:13:50.000Z','20260921T142640m000-cccc','order-1',1,'{"from":"+917410410123","to":"+918123400009"}','eab2acae7d461e211f94357124156214','931125960b74d7ec1b44dfd01b4c79d6','9c945fbe721499ba8881fd34408f2846e72553f15de7f300c7c520af41e0dbb0');
INSERT INTO "events" VALUES(41,'attempt.placed','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"placement":"rejected","evidence":"reply","http_status":401,"sid":null,"message":"HTTP 401: the API key or the API token is wrong, or the account belongs to the carrier''s other region; the carrier says: no"}','0cd1f6788b5dc224cf6df1cd3526fe1a',NULL,'94717d7de9fa0d8f4a429cfade3a4feaa863194f9ed64d508c92ae1d701a35ef');
INSERT INTO "events" VALUES(42,'call.ended','2026-09-21T14:13:51.000Z','20260921T142640m000-cccc','order-1',1,'{"disposition":"not-dialed","reason":"account","duration":null,"ending":null}','712544bf747c5767df1e120c27a2a227','23cd085946f5e80052673b1b909b4042','9999303e68f9ef538aa4a082923b00940aa6d71fcdb81802c530990f53f0dc26');
INSERT INTO "events" VALUES(43,'run.ended','2026-09-21T14:30:00.000Z','20260921T142640m000-cccc',NULL,NULL,'{"exit_code":4}','9634c2ee646c97d8ebcb451b371bfbbf','6fe058309e804a671563ac512f652089','631db42d82823b5b5dc518c77409ffc75bc493381c16c274d59b5aa241f377ea');
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
INSERT INTO "meta" VALUES('id','jr_81c27553');
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
    OR (NEW.seq, NEW.type, NEW.at, NEW.run, NEW.data, NEW.salt)
        IS NOT (OLD.seq, OLD.type, OLD.at, OLD.run, OLD.data, OLD.salt)
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

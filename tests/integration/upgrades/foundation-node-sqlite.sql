BEGIN TRANSACTION;
CREATE TABLE access_keys (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	scopes TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
INSERT INTO "access_keys" VALUES('0 id','0 name','0 digest','0 scopes','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "access_keys" VALUES('1 id','1 name','1 digest','1 scopes','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "access_keys" VALUES('2 id','2 name','2 digest','2 scopes','2026-11-01 14:00:00.000000',NULL);
CREATE TABLE access_log (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	request_id VARCHAR(32) NOT NULL, 
	listener VARCHAR(32) NOT NULL, 
	method VARCHAR(16) NOT NULL, 
	path TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	duration_ms FLOAT NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	caller VARCHAR(120), 
	PRIMARY KEY (id)
);
INSERT INTO "access_log" VALUES(1,'2026-11-01 12:00:00.000000','0 request_id','0 listener','0 method','0 path',1,0.5,'0 address','0 caller');
INSERT INTO "access_log" VALUES(2,'2026-11-01 13:00:00.000000','1 request_id','1 listener','1 method','1 path',2,1.5,'1 address','1 caller');
INSERT INTO "access_log" VALUES(3,'2026-11-01 14:00:00.000000','2 request_id','2 listener','2 method','2 path',3,2.5,'2 address',NULL);
CREATE TABLE ad_campaign_reach (
	id INTEGER NOT NULL, 
	ad_account_id VARCHAR(64) NOT NULL, 
	campaign_id VARCHAR(64) NOT NULL, 
	first_day DATE NOT NULL, 
	last_day DATE NOT NULL, 
	reach BIGINT NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ad_campaign_reach_once UNIQUE (campaign_id, first_day, last_day)
);
INSERT INTO "ad_campaign_reach" VALUES(1,'0 ad_account_id','0 campaign_id','2026-10-01','2026-10-01',1,'2026-11-01 12:00:00.000000');
INSERT INTO "ad_campaign_reach" VALUES(2,'1 ad_account_id','1 campaign_id','2026-10-02','2026-10-02',2,'2026-11-01 13:00:00.000000');
INSERT INTO "ad_campaign_reach" VALUES(3,'2 ad_account_id','2 campaign_id','2026-10-03','2026-10-03',3,'2026-11-01 14:00:00.000000');
CREATE TABLE ad_campaigns (
	campaign_id VARCHAR(64) NOT NULL, 
	ad_account_id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	objective VARCHAR(64) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	effective_status VARCHAR(32) NOT NULL, 
	buying_type VARCHAR(32) NOT NULL, 
	bid_strategy VARCHAR(64) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	daily_budget_minor BIGINT, 
	lifetime_budget_minor BIGINT, 
	started_at DATETIME, 
	stopped_at DATETIME, 
	created_at DATETIME, 
	updated_at DATETIME, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (campaign_id)
);
INSERT INTO "ad_campaigns" VALUES('0 campaign_id','0 ad_account_id','0 name','0 objective','0 status','0 effective_status','0 buying_type','0 bid_strategy','0 c',1,1,'2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "ad_campaigns" VALUES('1 campaign_id','1 ad_account_id','1 name','1 objective','1 status','1 effective_status','1 buying_type','1 bid_strategy','1 c',2,2,'2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "ad_campaigns" VALUES('2 campaign_id','2 ad_account_id','2 name','2 objective','2 status','2 effective_status','2 buying_type','2 bid_strategy','2 c',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-01 14:00:00.000000');
CREATE TABLE ad_changes (
	id INTEGER NOT NULL, 
	object_id VARCHAR(64) NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	changed_by TEXT NOT NULL, 
	approval_id VARCHAR(64), 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "ad_changes" VALUES(1,'0 object_id','0 before','0 after','0 changed_by','0 approval_id','2026-11-01 12:00:00.000000');
INSERT INTO "ad_changes" VALUES(2,'1 object_id','1 before','1 after','1 changed_by','1 approval_id','2026-11-01 13:00:00.000000');
INSERT INTO "ad_changes" VALUES(3,'2 object_id','2 before','2 after','2 changed_by',NULL,'2026-11-01 14:00:00.000000');
CREATE TABLE ad_insights (
	id INTEGER NOT NULL, 
	ad_account_id VARCHAR(64) NOT NULL, 
	campaign_id VARCHAR(64) NOT NULL, 
	ad_set_id VARCHAR(64) NOT NULL, 
	ad_id VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	impressions BIGINT NOT NULL, 
	reach BIGINT NOT NULL, 
	clicks BIGINT NOT NULL, 
	link_clicks BIGINT NOT NULL, 
	spend_minor BIGINT NOT NULL, 
	results BIGINT, 
	actions TEXT NOT NULL, 
	action_values_minor TEXT NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ad_insights_once UNIQUE (ad_id, day)
);
INSERT INTO "ad_insights" VALUES(1,'0 ad_account_id','0 campaign_id','0 ad_set_id','0 ad_id','2026-10-01','0 c',1,1,1,1,1,1,'0 actions','0 action_values_minor','2026-11-01 12:00:00.000000');
INSERT INTO "ad_insights" VALUES(2,'1 ad_account_id','1 campaign_id','1 ad_set_id','1 ad_id','2026-10-02','1 c',2,2,2,2,2,2,'1 actions','1 action_values_minor','2026-11-01 13:00:00.000000');
INSERT INTO "ad_insights" VALUES(3,'2 ad_account_id','2 campaign_id','2 ad_set_id','2 ad_id','2026-10-03','2 c',3,3,3,3,3,NULL,'2 actions','2 action_values_minor','2026-11-01 14:00:00.000000');
CREATE TABLE ad_sets (
	ad_set_id VARCHAR(64) NOT NULL, 
	ad_account_id VARCHAR(64) NOT NULL, 
	campaign_id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	effective_status VARCHAR(32) NOT NULL, 
	optimization_goal VARCHAR(64) NOT NULL, 
	billing_event VARCHAR(64) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	daily_budget_minor BIGINT, 
	lifetime_budget_minor BIGINT, 
	bid_amount_minor BIGINT, 
	targeting TEXT NOT NULL, 
	started_at DATETIME, 
	ends_at DATETIME, 
	created_at DATETIME, 
	updated_at DATETIME, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (ad_set_id)
);
INSERT INTO "ad_sets" VALUES('0 ad_set_id','0 ad_account_id','0 campaign_id','0 name','0 status','0 effective_status','0 optimization_goal','0 billing_event','0 c',1,1,1,'0 targeting','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "ad_sets" VALUES('1 ad_set_id','1 ad_account_id','1 campaign_id','1 name','1 status','1 effective_status','1 optimization_goal','1 billing_event','1 c',2,2,2,'1 targeting','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "ad_sets" VALUES('2 ad_set_id','2 ad_account_id','2 campaign_id','2 name','2 status','2 effective_status','2 optimization_goal','2 billing_event','2 c',NULL,NULL,NULL,'2 targeting',NULL,NULL,NULL,NULL,'2026-11-01 14:00:00.000000');
CREATE TABLE ads (
	ad_id VARCHAR(64) NOT NULL, 
	ad_account_id VARCHAR(64) NOT NULL, 
	ad_set_id VARCHAR(64) NOT NULL, 
	campaign_id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	effective_status VARCHAR(32) NOT NULL, 
	creative_id VARCHAR(64) NOT NULL, 
	created_at DATETIME, 
	updated_at DATETIME, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (ad_id)
);
INSERT INTO "ads" VALUES('0 ad_id','0 ad_account_id','0 ad_set_id','0 campaign_id','0 name','0 status','0 effective_status','0 creative_id','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "ads" VALUES('1 ad_id','1 ad_account_id','1 ad_set_id','1 campaign_id','1 name','1 status','1 effective_status','1 creative_id','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "ads" VALUES('2 ad_id','2 ad_account_id','2 ad_set_id','2 campaign_id','2 name','2 status','2 effective_status','2 creative_id',NULL,NULL,'2026-11-01 14:00:00.000000');
CREATE TABLE ai_recommendations (
	recommendation_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (recommendation_id)
);
INSERT INTO "ai_recommendations" VALUES('0 recommendation_id','0 kind','0 title','0 text','0 evidence','0 status','2026-11-01 12:00:00.000000');
INSERT INTO "ai_recommendations" VALUES('1 recommendation_id','1 kind','1 title','1 text','1 evidence','1 status','2026-11-01 13:00:00.000000');
INSERT INTO "ai_recommendations" VALUES('2 recommendation_id','2 kind','2 title','2 text','2 evidence','2 status','2026-11-01 14:00:00.000000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE api_calls (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	credential_id VARCHAR(64), 
	asset_id VARCHAR(64), 
	method VARCHAR(8) NOT NULL, 
	path TEXT NOT NULL, 
	parts INTEGER NOT NULL, 
	priority VARCHAR(16) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	status INTEGER, 
	code INTEGER, 
	subcode INTEGER, 
	duration_ms FLOAT NOT NULL, 
	bytes INTEGER NOT NULL, 
	retry BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "api_calls" VALUES(1,'2026-11-01 12:00:00.000000','0 credential_id','0 asset_id','0 method','0 path',1,'0 priority','0 outcome',1,1,1,0.5,1,1);
INSERT INTO "api_calls" VALUES(2,'2026-11-01 13:00:00.000000','1 credential_id','1 asset_id','1 method','1 path',2,'1 priority','1 outcome',2,2,2,1.5,2,0);
INSERT INTO "api_calls" VALUES(3,'2026-11-01 14:00:00.000000',NULL,NULL,'2 method','2 path',3,'2 priority','2 outcome',NULL,NULL,NULL,2.5,3,1);
CREATE TABLE competitor_ads (
	ad_archive_id VARCHAR(64) NOT NULL, 
	page_id VARCHAR(64) NOT NULL, 
	page_name TEXT NOT NULL, 
	bodies TEXT NOT NULL, 
	snapshot_url TEXT NOT NULL, 
	delivery_started_on DATE, 
	delivery_stopped_on DATE, 
	publisher_platforms TEXT NOT NULL, 
	eu_total_reach BIGINT, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (ad_archive_id)
);
INSERT INTO "competitor_ads" VALUES('0 ad_archive_id','0 page_id','0 page_name','0 bodies','0 snapshot_url','2026-10-01','2026-10-01','0 publisher_platforms',1,'2026-11-01 12:00:00.000000');
INSERT INTO "competitor_ads" VALUES('1 ad_archive_id','1 page_id','1 page_name','1 bodies','1 snapshot_url','2026-10-02','2026-10-02','1 publisher_platforms',2,'2026-11-01 13:00:00.000000');
INSERT INTO "competitor_ads" VALUES('2 ad_archive_id','2 page_id','2 page_name','2 bodies','2 snapshot_url',NULL,NULL,'2 publisher_platforms',NULL,'2026-11-01 14:00:00.000000');
CREATE TABLE connected_assets (
	id VARCHAR(200) NOT NULL, 
	credential_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	asset_id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	username TEXT, 
	parent_id VARCHAR(64), 
	currency VARCHAR(3), 
	timezone TEXT, 
	offered_at DATETIME NOT NULL, 
	confirmed_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (credential_id, asset_id)
);
INSERT INTO "connected_assets" VALUES('0 id','0 credential_id','0 kind','0 asset_id','0 name','0 username','0 parent_id','0 c','0 timezone','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "connected_assets" VALUES('1 id','1 credential_id','1 kind','1 asset_id','1 name','1 username','1 parent_id','1 c','1 timezone','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "connected_assets" VALUES('2 id','2 credential_id','2 kind','2 asset_id','2 name',NULL,NULL,NULL,NULL,'2026-11-01 14:00:00.000000',NULL);
CREATE TABLE coverage (
	id INTEGER NOT NULL, 
	subject_id VARCHAR(64) NOT NULL, 
	metric VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT coverage_once UNIQUE (subject_id, metric, day)
);
INSERT INTO "coverage" VALUES(1,'0 subject_id','campaign_reach','2026-10-01','0 state','0 reason','2026-11-01 12:00:00.000000');
INSERT INTO "coverage" VALUES(2,'1 subject_id','reach','2026-10-02','1 state','1 reason','2026-11-01 13:00:00.000000');
INSERT INTO "coverage" VALUES(3,'2 subject_id','views','2026-10-03','2 state','2 reason','2026-11-01 14:00:00.000000');
CREATE TABLE facebook_page_insights (
	id INTEGER NOT NULL, 
	page_id VARCHAR(64) NOT NULL, 
	subject_id VARCHAR(64) NOT NULL, 
	metric VARCHAR(64) NOT NULL, 
	period VARCHAR(16) NOT NULL, 
	day DATE NOT NULL, 
	value FLOAT NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT facebook_page_insights_once UNIQUE (subject_id, metric, period, day)
);
INSERT INTO "facebook_page_insights" VALUES(1,'0 page_id','0 subject_id','0 metric','0 period','2026-10-01',0.5,'2026-11-01 12:00:00.000000');
INSERT INTO "facebook_page_insights" VALUES(2,'1 page_id','1 subject_id','1 metric','1 period','2026-10-02',1.5,'2026-11-01 13:00:00.000000');
INSERT INTO "facebook_page_insights" VALUES(3,'2 page_id','2 subject_id','2 metric','2 period','2026-10-03',2.5,'2026-11-01 14:00:00.000000');
CREATE TABLE facebook_posts (
	post_id VARCHAR(64) NOT NULL, 
	page_id VARCHAR(64) NOT NULL, 
	message TEXT NOT NULL, 
	permalink TEXT NOT NULL, 
	published_at DATETIME NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (post_id)
);
INSERT INTO "facebook_posts" VALUES('0 post_id','0 page_id','0 message','0 permalink','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "facebook_posts" VALUES('1 post_id','1 page_id','1 message','1 permalink','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "facebook_posts" VALUES('2 post_id','2 page_id','2 message','2 permalink','2026-11-01 14:00:00.000000','2026-11-01 14:00:00.000000');
CREATE TABLE governor_ledger (
	"key" VARCHAR(200) NOT NULL, 
	asset_id VARCHAR(64), 
	calls TEXT NOT NULL, 
	percent FLOAT NOT NULL, 
	percent_at DATETIME, 
	blocked_until DATETIME, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "governor_ledger" VALUES('node','0 asset_id','0 calls',0.5,'2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "governor_ledger" VALUES('usage:app','1 asset_id','1 calls',1.5,'2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "governor_ledger" VALUES('person:17',NULL,'2 calls',2.5,NULL,NULL,'2026-11-01 14:00:00.000000');
CREATE TABLE instagram_accounts (
	account_id VARCHAR(64) NOT NULL, 
	username TEXT NOT NULL, 
	name TEXT NOT NULL, 
	biography TEXT NOT NULL, 
	website TEXT NOT NULL, 
	picture_url TEXT NOT NULL, 
	followers INTEGER NOT NULL, 
	follows INTEGER NOT NULL, 
	posts INTEGER NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (account_id)
);
INSERT INTO "instagram_accounts" VALUES('0 account_id','0 username','0 name','0 biography','0 website','0 picture_url',1,1,1,'2026-11-01 12:00:00.000000');
INSERT INTO "instagram_accounts" VALUES('1 account_id','1 username','1 name','1 biography','1 website','1 picture_url',2,2,2,'2026-11-01 13:00:00.000000');
INSERT INTO "instagram_accounts" VALUES('2 account_id','2 username','2 name','2 biography','2 website','2 picture_url',3,3,3,'2026-11-01 14:00:00.000000');
CREATE TABLE instagram_insights (
	id INTEGER NOT NULL, 
	account_id VARCHAR(64) NOT NULL, 
	subject_kind VARCHAR(16) NOT NULL, 
	subject_id VARCHAR(64) NOT NULL, 
	metric VARCHAR(64) NOT NULL, 
	period VARCHAR(16) NOT NULL, 
	breakdown VARCHAR(64) NOT NULL, 
	part VARCHAR(200) NOT NULL, 
	day DATE NOT NULL, 
	value FLOAT NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT instagram_insights_once UNIQUE (subject_id, metric, period, breakdown, part, day)
);
INSERT INTO "instagram_insights" VALUES(1,'0 account_id','0 subject_kind','0 subject_id','0 metric','0 period','0 breakdown','0 part','2026-10-01',0.5,'2026-11-01 12:00:00.000000');
INSERT INTO "instagram_insights" VALUES(2,'1 account_id','1 subject_kind','1 subject_id','1 metric','1 period','1 breakdown','1 part','2026-10-02',1.5,'2026-11-01 13:00:00.000000');
INSERT INTO "instagram_insights" VALUES(3,'2 account_id','2 subject_kind','2 subject_id','2 metric','2 period','2 breakdown','2 part','2026-10-03',2.5,'2026-11-01 14:00:00.000000');
CREATE TABLE instagram_posts (
	post_id VARCHAR(64) NOT NULL, 
	account_id VARCHAR(64) NOT NULL, 
	caption TEXT NOT NULL, 
	media_type VARCHAR(32) NOT NULL, 
	product_type VARCHAR(32) NOT NULL, 
	permalink TEXT NOT NULL, 
	shortcode VARCHAR(64) NOT NULL, 
	thumbnail_url TEXT NOT NULL, 
	published_at DATETIME NOT NULL, 
	likes INTEGER, 
	comments INTEGER, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (post_id)
);
INSERT INTO "instagram_posts" VALUES('0 post_id','0 account_id','0 caption','0 media_type','0 product_type','0 permalink','0 shortcode','0 thumbnail_url','2026-11-01 12:00:00.000000',1,1,'2026-11-01 12:00:00.000000');
INSERT INTO "instagram_posts" VALUES('1 post_id','1 account_id','1 caption','1 media_type','1 product_type','1 permalink','1 shortcode','1 thumbnail_url','2026-11-01 13:00:00.000000',2,2,'2026-11-01 13:00:00.000000');
INSERT INTO "instagram_posts" VALUES('2 post_id','2 account_id','2 caption','2 media_type','2 product_type','2 permalink','2 shortcode','2 thumbnail_url','2026-11-01 14:00:00.000000',NULL,NULL,'2026-11-01 14:00:00.000000');
CREATE TABLE meta_credentials (
	id VARCHAR(64) NOT NULL, 
	client_id VARCHAR(64) NOT NULL, 
	access_token TEXT, 
	token_expires_at DATETIME, 
	instagram_business_account_id VARCHAR(64), 
	facebook_page_id VARCHAR(64), 
	ad_account_id VARCHAR(64), 
	meta_user_id VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_refreshed_at DATETIME, 
	provider VARCHAR(32) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	status_reason VARCHAR(64), 
	scopes TEXT NOT NULL, 
	data_access_expires_at DATETIME, 
	page_tokens TEXT, 
	appsecret_proofs TEXT, 
	key_id VARCHAR(16), 
	delivery_id VARCHAR(64) NOT NULL, 
	issued_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "meta_credentials" VALUES('0 id','0 client_id','0 access_token','2026-11-01 12:00:00.000000','0 instagram_business_account_id','0 facebook_page_id','0 ad_account_id','0 meta_user_id','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','0 provider','0 status','0 status_reason','0 scopes','2026-11-01 12:00:00.000000','0 page_tokens','0 appsecret_proofs','0 key_id','0 delivery_id','2026-11-01 12:00:00.000000');
INSERT INTO "meta_credentials" VALUES('1 id','1 client_id','1 access_token','2026-11-01 13:00:00.000000','1 instagram_business_account_id','1 facebook_page_id','1 ad_account_id','1 meta_user_id','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','1 provider','1 status','1 status_reason','1 scopes','2026-11-01 13:00:00.000000','1 page_tokens','1 appsecret_proofs','1 key_id','1 delivery_id','2026-11-01 13:00:00.000000');
INSERT INTO "meta_credentials" VALUES('2 id','2 client_id',NULL,NULL,NULL,NULL,NULL,'2 meta_user_id','2026-11-01 14:00:00.000000',NULL,'2 provider','2 status',NULL,'2 scopes',NULL,NULL,NULL,NULL,'2 delivery_id','2026-11-01 14:00:00.000000');
CREATE TABLE platform_events_received (
	event_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	meta_user_id VARCHAR(64) NOT NULL, 
	occurred_at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	credentials_revoked INTEGER NOT NULL, 
	PRIMARY KEY (event_id)
);
INSERT INTO "platform_events_received" VALUES('0 event_id','0 kind','0 provider','0 meta_user_id','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000',1);
INSERT INTO "platform_events_received" VALUES('1 event_id','1 kind','1 provider','1 meta_user_id','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000',2);
INSERT INTO "platform_events_received" VALUES('2 event_id','2 kind','2 provider','2 meta_user_id','2026-11-01 14:00:00.000000','2026-11-01 14:00:00.000000',3);
CREATE TABLE received_deliveries (
	delivery_id VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	credential_id VARCHAR(64) NOT NULL, 
	issued_at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	PRIMARY KEY (delivery_id)
);
INSERT INTO "received_deliveries" VALUES('0 delivery_id','0 digest','0 outcome','0 credential_id','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "received_deliveries" VALUES('1 delivery_id','1 digest','1 outcome','1 credential_id','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "received_deliveries" VALUES('2 delivery_id','2 digest','2 outcome','2 credential_id','2026-11-01 14:00:00.000000','2026-11-01 14:00:00.000000');
CREATE TABLE security_events (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	detail TEXT NOT NULL, 
	caller VARCHAR(120), 
	address VARCHAR(64), 
	request_id VARCHAR(32), 
	PRIMARY KEY (id)
);
INSERT INTO "security_events" VALUES(1,'2026-11-01 12:00:00.000000','0 kind','0 detail','0 caller','0 address','0 request_id');
INSERT INTO "security_events" VALUES(2,'2026-11-01 13:00:00.000000','1 kind','1 detail','1 caller','1 address','1 request_id');
INSERT INTO "security_events" VALUES(3,'2026-11-01 14:00:00.000000','2 kind','2 detail',NULL,NULL,NULL);
CREATE TABLE success_sessions (
	handle_digest VARCHAR(64) NOT NULL, 
	credential_id VARCHAR(64) NOT NULL, 
	handle_expires_at DATETIME NOT NULL, 
	session_digest VARCHAR(64), 
	session_expires_at DATETIME, 
	chosen_at DATETIME, 
	PRIMARY KEY (handle_digest)
);
INSERT INTO "success_sessions" VALUES('0 handle_digest','0 credential_id','2026-11-01 12:00:00.000000','0 session_digest','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "success_sessions" VALUES('1 handle_digest','1 credential_id','2026-11-01 13:00:00.000000','1 session_digest','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "success_sessions" VALUES('2 handle_digest','2 credential_id','2026-11-01 14:00:00.000000',NULL,NULL,NULL);
CREATE INDEX ix_access_log_at ON access_log (at);
CREATE INDEX ix_api_calls_asset_id ON api_calls (asset_id);
CREATE INDEX ix_api_calls_at ON api_calls (at);
CREATE INDEX ix_api_calls_credential_id ON api_calls (credential_id);
CREATE INDEX ix_connected_assets_asset_id ON connected_assets (asset_id);
CREATE INDEX ix_connected_assets_credential_id ON connected_assets (credential_id);
CREATE INDEX ix_connected_assets_parent_id ON connected_assets (parent_id);
CREATE INDEX ix_governor_ledger_asset_id ON governor_ledger (asset_id);
CREATE INDEX ix_meta_credentials_delivery_id ON meta_credentials (delivery_id);
CREATE INDEX ix_meta_credentials_meta_user_id ON meta_credentials (meta_user_id);
CREATE INDEX meta_credentials_by_status ON meta_credentials (status, issued_at);
CREATE INDEX ix_platform_events_received_meta_user_id ON platform_events_received (meta_user_id);
CREATE INDEX ix_received_deliveries_credential_id ON received_deliveries (credential_id);
CREATE INDEX ix_security_events_at ON security_events (at);
CREATE INDEX ix_security_events_kind ON security_events (kind);
CREATE INDEX ix_success_sessions_credential_id ON success_sessions (credential_id);
CREATE INDEX ix_success_sessions_session_digest ON success_sessions (session_digest);
CREATE INDEX ix_ad_campaign_reach_ad_account_id ON ad_campaign_reach (ad_account_id);
CREATE INDEX ix_ad_campaigns_ad_account_id ON ad_campaigns (ad_account_id);
CREATE INDEX ix_ad_changes_approval_id ON ad_changes (approval_id);
CREATE INDEX ix_ad_changes_object_id ON ad_changes (object_id);
CREATE INDEX ix_ad_insights_ad_account_id ON ad_insights (ad_account_id);
CREATE INDEX ix_ad_insights_ad_id ON ad_insights (ad_id);
CREATE INDEX ix_ad_insights_ad_set_id ON ad_insights (ad_set_id);
CREATE INDEX ix_ad_insights_campaign_id ON ad_insights (campaign_id);
CREATE INDEX ix_ad_insights_day ON ad_insights (day);
CREATE INDEX ix_ad_sets_ad_account_id ON ad_sets (ad_account_id);
CREATE INDEX ix_ad_sets_campaign_id ON ad_sets (campaign_id);
CREATE INDEX ix_ads_ad_account_id ON ads (ad_account_id);
CREATE INDEX ix_ads_ad_set_id ON ads (ad_set_id);
CREATE INDEX ix_ads_campaign_id ON ads (campaign_id);
CREATE INDEX ix_ai_recommendations_kind ON ai_recommendations (kind);
CREATE INDEX ix_competitor_ads_page_id ON competitor_ads (page_id);
CREATE INDEX ix_facebook_page_insights_day ON facebook_page_insights (day);
CREATE INDEX ix_facebook_page_insights_page_id ON facebook_page_insights (page_id);
CREATE INDEX ix_facebook_posts_page_id ON facebook_posts (page_id);
CREATE INDEX ix_facebook_posts_published_at ON facebook_posts (published_at);
CREATE INDEX ix_instagram_insights_account_id ON instagram_insights (account_id);
CREATE INDEX ix_instagram_insights_day ON instagram_insights (day);
CREATE INDEX ix_instagram_posts_account_id ON instagram_posts (account_id);
CREATE INDEX ix_instagram_posts_published_at ON instagram_posts (published_at);
CREATE VIEW instagram_account_days AS
    SELECT account_id, day,
        MAX(CASE WHEN metric = 'reach' THEN value END) AS reach,
        MAX(CASE WHEN metric = 'views' THEN value END) AS views,
        MAX(CASE WHEN metric = 'accounts_engaged' THEN value END) AS accounts_engaged,
        MAX(CASE WHEN metric = 'total_interactions' THEN value END) AS total_interactions,
        MAX(CASE WHEN metric = 'likes' THEN value END) AS likes,
        MAX(CASE WHEN metric = 'comments' THEN value END) AS comments,
        MAX(CASE WHEN metric = 'saves' THEN value END) AS saves,
        MAX(CASE WHEN metric = 'shares' THEN value END) AS shares,
        MAX(CASE WHEN metric = 'profile_links_taps' THEN value END) AS profile_links_taps,
        MAX(CASE WHEN metric = 'follower_count' THEN value END) AS follower_change
    FROM instagram_insights
    WHERE subject_kind = 'account' AND period = 'day' AND breakdown = ''
    GROUP BY account_id, day;
CREATE VIEW instagram_post_results AS
    SELECT p.post_id, p.account_id, p.product_type, p.caption, p.permalink, p.published_at, i.day AS read_on,
        MAX(CASE WHEN i.metric = 'views' THEN i.value END) AS views,
        MAX(CASE WHEN i.metric = 'reach' THEN i.value END) AS reach,
        MAX(CASE WHEN i.metric = 'total_interactions' THEN i.value END) AS total_interactions,
        MAX(CASE WHEN i.metric = 'likes' THEN i.value END) AS likes,
        MAX(CASE WHEN i.metric = 'comments' THEN i.value END) AS comments,
        MAX(CASE WHEN i.metric = 'saved' THEN i.value END) AS saved,
        MAX(CASE WHEN i.metric = 'shares' THEN i.value END) AS shares
    FROM instagram_posts p JOIN instagram_insights i ON i.subject_id = p.post_id AND i.subject_kind = 'post'
    GROUP BY p.post_id, p.account_id, p.product_type, p.caption, p.permalink, p.published_at, i.day;
CREATE VIEW ad_campaign_days AS
    SELECT i.ad_account_id, i.campaign_id, c.name AS campaign_name, c.objective, i.day, i.currency,
        SUM(i.spend_minor) AS spend_minor, SUM(i.impressions) AS impressions, SUM(i.clicks) AS clicks,
        SUM(i.link_clicks) AS link_clicks, SUM(i.results) AS results
    FROM ad_insights i LEFT JOIN ad_campaigns c ON c.campaign_id = i.campaign_id
    GROUP BY i.ad_account_id, i.campaign_id, c.name, c.objective, i.day, i.currency;
COMMIT;

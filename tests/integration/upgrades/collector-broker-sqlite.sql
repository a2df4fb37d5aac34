BEGIN TRANSACTION;
CREATE TABLE admin_keys (
	digest VARCHAR(64) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (digest)
);
INSERT INTO "admin_keys" VALUES('0 digest','0 name','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "admin_keys" VALUES('1 digest','1 name','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "admin_keys" VALUES('2 digest','2 name','2026-11-01 14:00:00.000000',NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE app_testers (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	meta_user VARCHAR(128) NOT NULL, 
	client_id VARCHAR(63), 
	role VARCHAR(16) NOT NULL, 
	present BOOLEAN, 
	created_at DATETIME NOT NULL, 
	reconciled_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (meta_user)
);
INSERT INTO "app_testers" VALUES('0 id','0 name','0 meta_user','0 client_id','0 role',1,'2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "app_testers" VALUES('1 id','1 name','1 meta_user','1 client_id','1 role',0,'2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "app_testers" VALUES('2 id','2 name','2 meta_user',NULL,'2 role',NULL,'2026-11-01 14:00:00.000000',NULL);
CREATE TABLE authorization_states (
	digest VARCHAR(64) NOT NULL, 
	record TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "authorization_states" VALUES('0 digest','0 record','2026-11-01 12:00:00.000000');
INSERT INTO "authorization_states" VALUES('1 digest','1 record','2026-11-01 13:00:00.000000');
INSERT INTO "authorization_states" VALUES('2 digest','2 record','2026-11-01 14:00:00.000000');
CREATE TABLE client_vm_registry (
	client_id VARCHAR(63) NOT NULL, 
	company_name VARCHAR(200) NOT NULL, 
	vm_url TEXT NOT NULL, 
	success_url TEXT NOT NULL, 
	vm_api_key TEXT NOT NULL, 
	vm_api_key_digest VARCHAR(64) NOT NULL, 
	public_key VARCHAR(64), 
	allowed_users JSON NOT NULL, 
	allowed_assets JSON NOT NULL, 
	bare_links BOOLEAN NOT NULL, 
	shared_user_policy VARCHAR(8) NOT NULL, 
	status VARCHAR(8) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (client_id), 
	UNIQUE (vm_api_key_digest)
);
INSERT INTO "client_vm_registry" VALUES('0 client_id','0 company_name','0 vm_url','0 success_url','0 vm_api_key','0 vm_api_key_digest','0 public_key','["0 allowed_users"]','["0 allowed_assets"]',1,'0 shared','0 status','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "client_vm_registry" VALUES('1 client_id','1 company_name','1 vm_url','1 success_url','1 vm_api_key','1 vm_api_key_digest','1 public_key','["1 allowed_users"]','["1 allowed_assets"]',0,'1 shared','1 status','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "client_vm_registry" VALUES('2 client_id','2 company_name','2 vm_url','2 success_url','2 vm_api_key','2 vm_api_key_digest',NULL,'["2 allowed_users"]','["2 allowed_assets"]',1,'2 shared','2 status','2026-11-01 14:00:00.000000','2026-11-01 14:00:00.000000');
CREATE TABLE connect_links (
	id VARCHAR(32) NOT NULL, 
	client_id VARCHAR(63) NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	created_by VARCHAR(120) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "connect_links" VALUES('0 id','0 client_id','0 provider','0 created_by','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "connect_links" VALUES('1 id','1 client_id','1 provider','1 created_by','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "connect_links" VALUES('2 id','2 client_id','2 provider','2 created_by','2026-11-01 14:00:00.000000','2026-11-01 14:00:00.000000',NULL,NULL);
CREATE TABLE connections (
	id INTEGER NOT NULL, 
	client_id VARCHAR(63) NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	user_hash VARCHAR(80) NOT NULL, 
	asset_ids JSON NOT NULL, 
	scopes JSON NOT NULL, 
	token_expires_at DATETIME, 
	data_access_expires_at DATETIME, 
	status VARCHAR(8) NOT NULL, 
	connected_at DATETIME NOT NULL, 
	last_renewed_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (client_id, provider, user_hash)
);
INSERT INTO "connections" VALUES(1,'0 client_id','0 provider','0 user_hash','["0 asset_ids"]','["0 scopes"]','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','0 status','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "connections" VALUES(2,'1 client_id','1 provider','1 user_hash','["1 asset_ids"]','["1 scopes"]','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','1 status','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "connections" VALUES(3,'2 client_id','2 provider','2 user_hash','["2 asset_ids"]','["2 scopes"]',NULL,NULL,'2 status','2026-11-01 14:00:00.000000',NULL);
CREATE TABLE deletion_requests (
	code VARCHAR(32) NOT NULL, 
	event_id VARCHAR(64) NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	received_at DATETIME NOT NULL, 
	PRIMARY KEY (code), 
	UNIQUE (event_id)
);
INSERT INTO "deletion_requests" VALUES('0 code','0 event_id','0 provider','2026-11-01 12:00:00.000000');
INSERT INTO "deletion_requests" VALUES('1 code','1 event_id','1 provider','2026-11-01 13:00:00.000000');
INSERT INTO "deletion_requests" VALUES('2 code','2 event_id','2 provider','2026-11-01 14:00:00.000000');
CREATE TABLE oauth_events (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	client_id VARCHAR(63), 
	provider VARCHAR(32) NOT NULL, 
	flow_id VARCHAR(32), 
	step VARCHAR(48) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	reason VARCHAR(64), 
	duration_ms FLOAT, 
	node_ms FLOAT, 
	request_id VARCHAR(32), 
	actor VARCHAR(120), 
	PRIMARY KEY (id)
);
INSERT INTO "oauth_events" VALUES(1,'2026-11-01 12:00:00.000000','0 client_id','0 provider','0 flow_id','0 step','0 outcome','0 reason',0.5,0.5,'0 request_id','0 actor');
INSERT INTO "oauth_events" VALUES(2,'2026-11-01 13:00:00.000000','1 client_id','1 provider','1 flow_id','1 step','1 outcome','1 reason',1.5,1.5,'1 request_id','1 actor');
INSERT INTO "oauth_events" VALUES(3,'2026-11-01 14:00:00.000000',NULL,'2 provider',NULL,'2 step','2 outcome',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE platform_event_outbox (
	id INTEGER NOT NULL, 
	event_id VARCHAR(64) NOT NULL, 
	client_id VARCHAR(63) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	content TEXT, 
	attempts INTEGER NOT NULL, 
	next_attempt_at DATETIME, 
	created_at DATETIME NOT NULL, 
	delivered_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (event_id, client_id)
);
INSERT INTO "platform_event_outbox" VALUES(1,'0 event_id','0 client_id','0 kind','0 provider','0 content',1,'2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000','2026-11-01 12:00:00.000000');
INSERT INTO "platform_event_outbox" VALUES(2,'1 event_id','1 client_id','1 kind','1 provider','1 content',2,'2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000','2026-11-01 13:00:00.000000');
INSERT INTO "platform_event_outbox" VALUES(3,'2 event_id','2 client_id','2 kind','2 provider',NULL,3,NULL,'2026-11-01 14:00:00.000000',NULL);
CREATE INDEX ix_app_testers_client_id ON app_testers (client_id);
CREATE INDEX ix_authorization_states_expires_at ON authorization_states (expires_at);
CREATE INDEX ix_connect_links_client_id ON connect_links (client_id);
CREATE INDEX ix_connect_links_expires_at ON connect_links (expires_at);
CREATE INDEX ix_connections_user ON connections (provider, user_hash);
CREATE INDEX ix_oauth_events_at ON oauth_events (at);
CREATE INDEX ix_oauth_events_client ON oauth_events (client_id, id);
CREATE INDEX ix_oauth_events_client_outcome ON oauth_events (client_id, outcome, id);
CREATE INDEX ix_oauth_events_flow ON oauth_events (flow_id, id);
CREATE INDEX ix_oauth_events_outcome ON oauth_events (outcome, id);
CREATE INDEX ix_platform_event_outbox_next_attempt_at ON platform_event_outbox (next_attempt_at);
COMMIT;

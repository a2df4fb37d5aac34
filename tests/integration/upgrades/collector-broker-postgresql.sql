CREATE TABLE public.admin_keys (
    digest character varying(64) NOT NULL,
    name character varying(100) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
COMMENT ON COLUMN public.admin_keys.digest IS 'SHA-256 of the key';
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.app_testers (
    id character varying(32) NOT NULL,
    name character varying(200) NOT NULL,
    meta_user character varying(128) NOT NULL,
    client_id character varying(63),
    role character varying(16) NOT NULL,
    present boolean,
    created_at timestamp with time zone NOT NULL,
    reconciled_at timestamp with time zone
);
COMMENT ON COLUMN public.app_testers.meta_user IS 'user name or id, as it was invited';
COMMENT ON COLUMN public.app_testers.role IS 'tester or analytics';
COMMENT ON COLUMN public.app_testers.present IS 'whether the app''s roles list this person; null: not known yet';
CREATE TABLE public.authorization_states (
    digest character varying(64) NOT NULL,
    record text NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.authorization_states.digest IS 'SHA-256 of the handle';
COMMENT ON COLUMN public.authorization_states.record IS 'AES-256-GCM, bound to the digest';
CREATE TABLE public.client_vm_registry (
    client_id character varying(63) NOT NULL,
    company_name character varying(200) NOT NULL,
    vm_url text NOT NULL,
    success_url text NOT NULL,
    vm_api_key text NOT NULL,
    vm_api_key_digest character varying(64) NOT NULL,
    public_key character varying(64),
    allowed_users json NOT NULL,
    allowed_assets json NOT NULL,
    bare_links boolean NOT NULL,
    shared_user_policy character varying(8) NOT NULL,
    status character varying(8) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.client_vm_registry.vm_api_key IS 'AES-256-GCM, bound to this row';
COMMENT ON COLUMN public.client_vm_registry.vm_api_key_digest IS 'keyed; finds the node that calls';
COMMENT ON COLUMN public.client_vm_registry.public_key IS 'X25519; deliveries are sealed to it';
COMMENT ON COLUMN public.client_vm_registry.allowed_users IS 'keyed digests of provider user ids';
COMMENT ON COLUMN public.client_vm_registry.allowed_assets IS 'asset ids';
COMMENT ON COLUMN public.client_vm_registry.bare_links IS 'whether /auth works without a connect link';
COMMENT ON COLUMN public.client_vm_registry.shared_user_policy IS 'warn or refuse';
COMMENT ON COLUMN public.client_vm_registry.status IS 'active or paused';
CREATE TABLE public.connect_links (
    id character varying(32) NOT NULL,
    client_id character varying(63) NOT NULL,
    provider character varying(32) NOT NULL,
    created_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);
COMMENT ON COLUMN public.connect_links.id IS 'from the SHA-256 of the secret in the link';
CREATE TABLE public.connections (
    id bigint NOT NULL,
    client_id character varying(63) NOT NULL,
    provider character varying(32) NOT NULL,
    user_hash character varying(80) NOT NULL,
    asset_ids json NOT NULL,
    scopes json NOT NULL,
    token_expires_at timestamp with time zone,
    data_access_expires_at timestamp with time zone,
    status character varying(8) NOT NULL,
    connected_at timestamp with time zone NOT NULL,
    last_renewed_at timestamp with time zone
);
COMMENT ON COLUMN public.connections.user_hash IS 'keyed digest of the provider''s user id';
COMMENT ON COLUMN public.connections.status IS 'active, pending or revoked';
CREATE SEQUENCE public.connections_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.connections_id_seq OWNED BY public.connections.id;
CREATE TABLE public.deletion_requests (
    code character varying(32) NOT NULL,
    event_id character varying(64) NOT NULL,
    provider character varying(32) NOT NULL,
    received_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.deletion_requests.code IS 'the confirmation code that Meta shows to the person';
CREATE TABLE public.oauth_events (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    client_id character varying(63),
    provider character varying(32) NOT NULL,
    flow_id character varying(32),
    step character varying(48) NOT NULL,
    outcome character varying(16) NOT NULL,
    reason character varying(64),
    duration_ms double precision,
    node_ms double precision,
    request_id character varying(32),
    actor character varying(120)
);
COMMENT ON COLUMN public.oauth_events.step IS 'what was done: authorize, callback, delivery, renewal, …';
COMMENT ON COLUMN public.oauth_events.outcome IS 'succeeded, pending, warned, refused or failed';
COMMENT ON COLUMN public.oauth_events.reason IS 'stable code of a refusal or failure';
COMMENT ON COLUMN public.oauth_events.node_ms IS 'how long the node took to answer';
COMMENT ON COLUMN public.oauth_events.actor IS 'the admin or node whose key was used';
CREATE SEQUENCE public.oauth_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.oauth_events_id_seq OWNED BY public.oauth_events.id;
CREATE TABLE public.platform_event_outbox (
    id bigint NOT NULL,
    event_id character varying(64) NOT NULL,
    client_id character varying(63) NOT NULL,
    kind character varying(16) NOT NULL,
    provider character varying(32) NOT NULL,
    content text,
    attempts integer NOT NULL,
    next_attempt_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone
);
COMMENT ON COLUMN public.platform_event_outbox.content IS 'the event, AES-256-GCM, bound to this row; null once the node has it';
CREATE SEQUENCE public.platform_event_outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.platform_event_outbox_id_seq OWNED BY public.platform_event_outbox.id;
ALTER TABLE ONLY public.connections ALTER COLUMN id SET DEFAULT nextval('public.connections_id_seq'::regclass);
ALTER TABLE ONLY public.oauth_events ALTER COLUMN id SET DEFAULT nextval('public.oauth_events_id_seq'::regclass);
ALTER TABLE ONLY public.platform_event_outbox ALTER COLUMN id SET DEFAULT nextval('public.platform_event_outbox_id_seq'::regclass);
INSERT INTO public.admin_keys VALUES ('0 digest', '0 name', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.admin_keys VALUES ('1 digest', '1 name', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.admin_keys VALUES ('2 digest', '2 name', '2026-11-01 14:00:00+00', NULL);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.app_testers VALUES ('0 id', '0 name', '0 meta_user', '0 client_id', '0 role', true, '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.app_testers VALUES ('1 id', '1 name', '1 meta_user', '1 client_id', '1 role', false, '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.app_testers VALUES ('2 id', '2 name', '2 meta_user', NULL, '2 role', NULL, '2026-11-01 14:00:00+00', NULL);
INSERT INTO public.authorization_states VALUES ('0 digest', '0 record', '2026-11-01 12:00:00+00');
INSERT INTO public.authorization_states VALUES ('1 digest', '1 record', '2026-11-01 13:00:00+00');
INSERT INTO public.authorization_states VALUES ('2 digest', '2 record', '2026-11-01 14:00:00+00');
INSERT INTO public.client_vm_registry VALUES ('0 client_id', '0 company_name', '0 vm_url', '0 success_url', '0 vm_api_key', '0 vm_api_key_digest', '0 public_key', '["0 allowed_users"]', '["0 allowed_assets"]', true, '0 shared', '0 status', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.client_vm_registry VALUES ('1 client_id', '1 company_name', '1 vm_url', '1 success_url', '1 vm_api_key', '1 vm_api_key_digest', '1 public_key', '["1 allowed_users"]', '["1 allowed_assets"]', false, '1 shared', '1 status', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.client_vm_registry VALUES ('2 client_id', '2 company_name', '2 vm_url', '2 success_url', '2 vm_api_key', '2 vm_api_key_digest', NULL, '["2 allowed_users"]', '["2 allowed_assets"]', true, '2 shared', '2 status', '2026-11-01 14:00:00+00', '2026-11-01 14:00:00+00');
INSERT INTO public.connect_links VALUES ('0 id', '0 client_id', '0 provider', '0 created_by', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.connect_links VALUES ('1 id', '1 client_id', '1 provider', '1 created_by', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.connect_links VALUES ('2 id', '2 client_id', '2 provider', '2 created_by', '2026-11-01 14:00:00+00', '2026-11-01 14:00:00+00', NULL, NULL);
INSERT INTO public.connections VALUES (1, '0 client_id', '0 provider', '0 user_hash', '["0 asset_ids"]', '["0 scopes"]', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '0 status', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.connections VALUES (2, '1 client_id', '1 provider', '1 user_hash', '["1 asset_ids"]', '["1 scopes"]', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '1 status', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.connections VALUES (3, '2 client_id', '2 provider', '2 user_hash', '["2 asset_ids"]', '["2 scopes"]', NULL, NULL, '2 status', '2026-11-01 14:00:00+00', NULL);
INSERT INTO public.deletion_requests VALUES ('0 code', '0 event_id', '0 provider', '2026-11-01 12:00:00+00');
INSERT INTO public.deletion_requests VALUES ('1 code', '1 event_id', '1 provider', '2026-11-01 13:00:00+00');
INSERT INTO public.deletion_requests VALUES ('2 code', '2 event_id', '2 provider', '2026-11-01 14:00:00+00');
INSERT INTO public.oauth_events VALUES (1, '2026-11-01 12:00:00+00', '0 client_id', '0 provider', '0 flow_id', '0 step', '0 outcome', '0 reason', 0.5, 0.5, '0 request_id', '0 actor');
INSERT INTO public.oauth_events VALUES (2, '2026-11-01 13:00:00+00', '1 client_id', '1 provider', '1 flow_id', '1 step', '1 outcome', '1 reason', 1.5, 1.5, '1 request_id', '1 actor');
INSERT INTO public.oauth_events VALUES (3, '2026-11-01 14:00:00+00', NULL, '2 provider', NULL, '2 step', '2 outcome', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.platform_event_outbox VALUES (1, '0 event_id', '0 client_id', '0 kind', '0 provider', '0 content', 1, '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.platform_event_outbox VALUES (2, '1 event_id', '1 client_id', '1 kind', '1 provider', '1 content', 2, '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.platform_event_outbox VALUES (3, '2 event_id', '2 client_id', '2 kind', '2 provider', NULL, 3, NULL, '2026-11-01 14:00:00+00', NULL);
SELECT pg_catalog.setval('public.connections_id_seq', 3, true);
SELECT pg_catalog.setval('public.oauth_events_id_seq', 3, true);
SELECT pg_catalog.setval('public.platform_event_outbox_id_seq', 3, true);
ALTER TABLE ONLY public.admin_keys
    ADD CONSTRAINT admin_keys_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.app_testers
    ADD CONSTRAINT app_testers_meta_user_key UNIQUE (meta_user);
ALTER TABLE ONLY public.app_testers
    ADD CONSTRAINT app_testers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.authorization_states
    ADD CONSTRAINT authorization_states_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.client_vm_registry
    ADD CONSTRAINT client_vm_registry_pkey PRIMARY KEY (client_id);
ALTER TABLE ONLY public.client_vm_registry
    ADD CONSTRAINT client_vm_registry_vm_api_key_digest_key UNIQUE (vm_api_key_digest);
ALTER TABLE ONLY public.connect_links
    ADD CONSTRAINT connect_links_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_client_id_provider_user_hash_key UNIQUE (client_id, provider, user_hash);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.deletion_requests
    ADD CONSTRAINT deletion_requests_event_id_key UNIQUE (event_id);
ALTER TABLE ONLY public.deletion_requests
    ADD CONSTRAINT deletion_requests_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.oauth_events
    ADD CONSTRAINT oauth_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.platform_event_outbox
    ADD CONSTRAINT platform_event_outbox_event_id_client_id_key UNIQUE (event_id, client_id);
ALTER TABLE ONLY public.platform_event_outbox
    ADD CONSTRAINT platform_event_outbox_pkey PRIMARY KEY (id);
CREATE INDEX ix_app_testers_client_id ON public.app_testers USING btree (client_id);
CREATE INDEX ix_authorization_states_expires_at ON public.authorization_states USING btree (expires_at);
CREATE INDEX ix_connect_links_client_id ON public.connect_links USING btree (client_id);
CREATE INDEX ix_connect_links_expires_at ON public.connect_links USING btree (expires_at);
CREATE INDEX ix_connections_user ON public.connections USING btree (provider, user_hash);
CREATE INDEX ix_oauth_events_at ON public.oauth_events USING btree (at);
CREATE INDEX ix_oauth_events_client ON public.oauth_events USING btree (client_id, id);
CREATE INDEX ix_oauth_events_client_outcome ON public.oauth_events USING btree (client_id, outcome, id);
CREATE INDEX ix_oauth_events_flow ON public.oauth_events USING btree (flow_id, id);
CREATE INDEX ix_oauth_events_outcome ON public.oauth_events USING btree (outcome, id);
CREATE INDEX ix_platform_event_outbox_next_attempt_at ON public.platform_event_outbox USING btree (next_attempt_at);

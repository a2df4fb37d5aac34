CREATE TABLE public.access_keys (
    id character varying(32) NOT NULL,
    name character varying(100) NOT NULL,
    digest character varying(64) NOT NULL,
    scopes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
COMMENT ON COLUMN public.access_keys.digest IS 'SHA-256 of the key';
COMMENT ON COLUMN public.access_keys.scopes IS 'separated by commas';
CREATE TABLE public.access_log (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    request_id character varying(32) NOT NULL,
    listener character varying(32) NOT NULL,
    method character varying(16) NOT NULL,
    path text NOT NULL,
    status integer NOT NULL,
    duration_ms double precision NOT NULL,
    address character varying(64) NOT NULL,
    caller character varying(120)
);
COMMENT ON COLUMN public.access_log.path IS 'without query';
COMMENT ON COLUMN public.access_log.caller IS 'name of the key that was accepted';
CREATE SEQUENCE public.access_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.access_log_id_seq OWNED BY public.access_log.id;
CREATE TABLE public.ad_campaigns (
    campaign_id character varying(64) NOT NULL,
    ad_account_id character varying(64) NOT NULL,
    name text NOT NULL,
    objective character varying(64) NOT NULL,
    status character varying(32) NOT NULL,
    effective_status character varying(32) NOT NULL,
    buying_type character varying(32) NOT NULL,
    bid_strategy character varying(64) NOT NULL,
    currency character varying(3) NOT NULL,
    daily_budget_minor bigint,
    lifetime_budget_minor bigint,
    started_at timestamp with time zone,
    stopped_at timestamp with time zone,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    read_at timestamp with time zone NOT NULL
);
CREATE TABLE public.ad_insights (
    id bigint NOT NULL,
    ad_account_id character varying(64) NOT NULL,
    campaign_id character varying(64) NOT NULL,
    ad_set_id character varying(64) NOT NULL,
    ad_id character varying(64) NOT NULL,
    day date NOT NULL,
    currency character varying(3) NOT NULL,
    impressions bigint NOT NULL,
    reach bigint NOT NULL,
    clicks bigint NOT NULL,
    link_clicks bigint NOT NULL,
    spend_minor bigint NOT NULL,
    results bigint,
    actions text NOT NULL,
    action_values_minor text NOT NULL,
    read_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.ad_insights.reach IS 'people; days and ads may not be summed';
COMMENT ON COLUMN public.ad_insights.results IS 'what the campaign''s objective is after; empty for awareness';
COMMENT ON COLUMN public.ad_insights.actions IS 'JSON: action type -> how often';
COMMENT ON COLUMN public.ad_insights.action_values_minor IS 'JSON: action type -> value';
CREATE VIEW public.ad_campaign_days AS
 SELECT i.ad_account_id,
    i.campaign_id,
    c.name AS campaign_name,
    c.objective,
    i.day,
    i.currency,
    sum(i.spend_minor) AS spend_minor,
    sum(i.impressions) AS impressions,
    sum(i.clicks) AS clicks,
    sum(i.link_clicks) AS link_clicks,
    sum(i.results) AS results
   FROM (public.ad_insights i
     LEFT JOIN public.ad_campaigns c ON (((c.campaign_id)::text = (i.campaign_id)::text)))
  GROUP BY i.ad_account_id, i.campaign_id, c.name, c.objective, i.day, i.currency;
CREATE TABLE public.ad_campaign_reach (
    id bigint NOT NULL,
    ad_account_id character varying(64) NOT NULL,
    campaign_id character varying(64) NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    reach bigint NOT NULL,
    read_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.ad_campaign_reach.reach IS 'people, each counted once in the whole window';
CREATE SEQUENCE public.ad_campaign_reach_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.ad_campaign_reach_id_seq OWNED BY public.ad_campaign_reach.id;
CREATE TABLE public.ad_changes (
    id bigint NOT NULL,
    object_id character varying(64) NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    changed_by text NOT NULL,
    approval_id character varying(64),
    at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.ad_changes.before IS 'JSON';
COMMENT ON COLUMN public.ad_changes.after IS 'JSON';
CREATE SEQUENCE public.ad_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.ad_changes_id_seq OWNED BY public.ad_changes.id;
CREATE SEQUENCE public.ad_insights_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.ad_insights_id_seq OWNED BY public.ad_insights.id;
CREATE TABLE public.ad_sets (
    ad_set_id character varying(64) NOT NULL,
    ad_account_id character varying(64) NOT NULL,
    campaign_id character varying(64) NOT NULL,
    name text NOT NULL,
    status character varying(32) NOT NULL,
    effective_status character varying(32) NOT NULL,
    optimization_goal character varying(64) NOT NULL,
    billing_event character varying(64) NOT NULL,
    currency character varying(3) NOT NULL,
    daily_budget_minor bigint,
    lifetime_budget_minor bigint,
    bid_amount_minor bigint,
    targeting text NOT NULL,
    started_at timestamp with time zone,
    ends_at timestamp with time zone,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    read_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.ad_sets.targeting IS 'JSON, as Meta gave it';
CREATE TABLE public.ads (
    ad_id character varying(64) NOT NULL,
    ad_account_id character varying(64) NOT NULL,
    ad_set_id character varying(64) NOT NULL,
    campaign_id character varying(64) NOT NULL,
    name text NOT NULL,
    status character varying(32) NOT NULL,
    effective_status character varying(32) NOT NULL,
    creative_id character varying(64) NOT NULL,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    read_at timestamp with time zone NOT NULL
);
CREATE TABLE public.ai_recommendations (
    recommendation_id character varying(64) NOT NULL,
    kind character varying(64) NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    evidence text NOT NULL,
    status character varying(16) NOT NULL,
    made_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.ai_recommendations.evidence IS 'JSON: the numbers that it rests on';
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.api_calls (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    credential_id character varying(64),
    asset_id character varying(64),
    method character varying(8) NOT NULL,
    path text NOT NULL,
    parts integer NOT NULL,
    priority character varying(16) NOT NULL,
    outcome character varying(16) NOT NULL,
    status integer,
    code integer,
    subcode integer,
    duration_ms double precision NOT NULL,
    bytes integer NOT NULL,
    retry boolean NOT NULL
);
COMMENT ON COLUMN public.api_calls.path IS 'ids replaced by {id}; no parameters';
COMMENT ON COLUMN public.api_calls.parts IS 'calls that it counts as: the parts of a batch';
COMMENT ON COLUMN public.api_calls.outcome IS 'ok, throttled, revoked, rejected or unavailable';
COMMENT ON COLUMN public.api_calls.status IS 'HTTP status; empty when no answer came';
COMMENT ON COLUMN public.api_calls.code IS 'the provider''s error code';
COMMENT ON COLUMN public.api_calls.retry IS 'whether it repeats a call that failed in passing';
CREATE SEQUENCE public.api_calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.api_calls_id_seq OWNED BY public.api_calls.id;
CREATE TABLE public.competitor_ads (
    ad_archive_id character varying(64) NOT NULL,
    page_id character varying(64) NOT NULL,
    page_name text NOT NULL,
    bodies text NOT NULL,
    snapshot_url text NOT NULL,
    delivery_started_on date,
    delivery_stopped_on date,
    publisher_platforms text NOT NULL,
    eu_total_reach bigint,
    read_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.competitor_ads.bodies IS 'JSON list';
COMMENT ON COLUMN public.competitor_ads.publisher_platforms IS 'separated by commas';
CREATE TABLE public.connected_assets (
    id character varying(200) NOT NULL,
    credential_id character varying(64) NOT NULL,
    kind character varying(32) NOT NULL,
    asset_id character varying(64) NOT NULL,
    name text NOT NULL,
    username text,
    parent_id character varying(64),
    currency character varying(3),
    timezone text,
    offered_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone
);
COMMENT ON COLUMN public.connected_assets.id IS '<credential id>:<asset id>';
COMMENT ON COLUMN public.connected_assets.kind IS 'facebook_page, instagram_account or ad_account';
COMMENT ON COLUMN public.connected_assets.parent_id IS 'of an Instagram account: the page it is reached through';
COMMENT ON COLUMN public.connected_assets.offered_at IS 'when an authorisation first covered it';
COMMENT ON COLUMN public.connected_assets.confirmed_at IS 'when a person ticked it; empty: never collected';
CREATE TABLE public.coverage (
    id bigint NOT NULL,
    subject_id character varying(64) NOT NULL,
    metric character varying(64) NOT NULL,
    day date NOT NULL,
    state character varying(16) NOT NULL,
    reason text NOT NULL,
    read_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.coverage.state IS 'complete, empty by Meta''s rules, or missing';
CREATE SEQUENCE public.coverage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.coverage_id_seq OWNED BY public.coverage.id;
CREATE TABLE public.facebook_page_insights (
    id bigint NOT NULL,
    page_id character varying(64) NOT NULL,
    subject_id character varying(64) NOT NULL,
    metric character varying(64) NOT NULL,
    period character varying(16) NOT NULL,
    day date NOT NULL,
    value double precision NOT NULL,
    read_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.facebook_page_insights_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.facebook_page_insights_id_seq OWNED BY public.facebook_page_insights.id;
CREATE TABLE public.facebook_posts (
    post_id character varying(64) NOT NULL,
    page_id character varying(64) NOT NULL,
    message text NOT NULL,
    permalink text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone NOT NULL
);
CREATE TABLE public.governor_ledger (
    key character varying(200) NOT NULL,
    asset_id character varying(64),
    calls text NOT NULL,
    percent double precision NOT NULL,
    percent_at timestamp with time zone,
    blocked_until timestamp with time zone,
    updated_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.governor_ledger.asset_id IS 'of a bucket that only this asset''s calls fill';
COMMENT ON COLUMN public.governor_ledger.calls IS 'JSON: minute since 1970 -> calls';
CREATE TABLE public.instagram_insights (
    id bigint NOT NULL,
    account_id character varying(64) NOT NULL,
    subject_kind character varying(16) NOT NULL,
    subject_id character varying(64) NOT NULL,
    metric character varying(64) NOT NULL,
    period character varying(16) NOT NULL,
    breakdown character varying(64) NOT NULL,
    part character varying(200) NOT NULL,
    day date NOT NULL,
    value double precision NOT NULL,
    read_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.instagram_insights.subject_kind IS 'account or post';
COMMENT ON COLUMN public.instagram_insights.period IS 'day, or lifetime: the value as it stood on `day`';
COMMENT ON COLUMN public.instagram_insights.breakdown IS 'empty for a total';
COMMENT ON COLUMN public.instagram_insights.part IS 'which part of the breakdown';
CREATE VIEW public.instagram_account_days AS
 SELECT instagram_insights.account_id,
    instagram_insights.day,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'reach'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS reach,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'views'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS views,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'accounts_engaged'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS accounts_engaged,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'total_interactions'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS total_interactions,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'likes'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS likes,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'comments'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS comments,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'saves'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS saves,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'shares'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS shares,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'profile_links_taps'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS profile_links_taps,
    max(
        CASE
            WHEN ((instagram_insights.metric)::text = 'follower_count'::text) THEN instagram_insights.value
            ELSE NULL::double precision
        END) AS follower_change
   FROM public.instagram_insights
  WHERE (((instagram_insights.subject_kind)::text = 'account'::text) AND ((instagram_insights.period)::text = 'day'::text) AND ((instagram_insights.breakdown)::text = ''::text))
  GROUP BY instagram_insights.account_id, instagram_insights.day;
CREATE TABLE public.instagram_accounts (
    account_id character varying(64) NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    biography text NOT NULL,
    website text NOT NULL,
    picture_url text NOT NULL,
    followers integer NOT NULL,
    follows integer NOT NULL,
    posts integer NOT NULL,
    read_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.instagram_insights_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.instagram_insights_id_seq OWNED BY public.instagram_insights.id;
CREATE TABLE public.instagram_posts (
    post_id character varying(64) NOT NULL,
    account_id character varying(64) NOT NULL,
    caption text NOT NULL,
    media_type character varying(32) NOT NULL,
    product_type character varying(32) NOT NULL,
    permalink text NOT NULL,
    shortcode character varying(64) NOT NULL,
    thumbnail_url text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    likes integer,
    comments integer,
    read_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.instagram_posts.likes IS 'empty where the owner hides it';
CREATE VIEW public.instagram_post_results AS
 SELECT p.post_id,
    p.account_id,
    p.product_type,
    p.caption,
    p.permalink,
    p.published_at,
    i.day AS read_on,
    max(
        CASE
            WHEN ((i.metric)::text = 'views'::text) THEN i.value
            ELSE NULL::double precision
        END) AS views,
    max(
        CASE
            WHEN ((i.metric)::text = 'reach'::text) THEN i.value
            ELSE NULL::double precision
        END) AS reach,
    max(
        CASE
            WHEN ((i.metric)::text = 'total_interactions'::text) THEN i.value
            ELSE NULL::double precision
        END) AS total_interactions,
    max(
        CASE
            WHEN ((i.metric)::text = 'likes'::text) THEN i.value
            ELSE NULL::double precision
        END) AS likes,
    max(
        CASE
            WHEN ((i.metric)::text = 'comments'::text) THEN i.value
            ELSE NULL::double precision
        END) AS comments,
    max(
        CASE
            WHEN ((i.metric)::text = 'saved'::text) THEN i.value
            ELSE NULL::double precision
        END) AS saved,
    max(
        CASE
            WHEN ((i.metric)::text = 'shares'::text) THEN i.value
            ELSE NULL::double precision
        END) AS shares
   FROM (public.instagram_posts p
     JOIN public.instagram_insights i ON ((((i.subject_id)::text = (p.post_id)::text) AND ((i.subject_kind)::text = 'post'::text))))
  GROUP BY p.post_id, p.account_id, p.product_type, p.caption, p.permalink, p.published_at, i.day;
CREATE TABLE public.meta_credentials (
    id character varying(64) NOT NULL,
    client_id character varying(64) NOT NULL,
    access_token text,
    token_expires_at timestamp with time zone,
    instagram_business_account_id character varying(64),
    facebook_page_id character varying(64),
    ad_account_id character varying(64),
    meta_user_id character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_refreshed_at timestamp with time zone,
    provider character varying(32) NOT NULL,
    status character varying(16) NOT NULL,
    status_reason character varying(64),
    scopes text NOT NULL,
    data_access_expires_at timestamp with time zone,
    page_tokens text,
    appsecret_proofs text,
    key_id character varying(16),
    delivery_id character varying(64) NOT NULL,
    issued_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.meta_credentials.access_token IS 'encrypted; empty once revoked or superseded';
COMMENT ON COLUMN public.meta_credentials.status IS 'active, pending, revoked or superseded';
COMMENT ON COLUMN public.meta_credentials.status_reason IS 'why it is revoked or superseded';
COMMENT ON COLUMN public.meta_credentials.scopes IS 'separated by commas';
COMMENT ON COLUMN public.meta_credentials.page_tokens IS 'encrypted';
COMMENT ON COLUMN public.meta_credentials.appsecret_proofs IS 'encrypted';
COMMENT ON COLUMN public.meta_credentials.key_id IS 'the key that encrypted this row';
COMMENT ON COLUMN public.meta_credentials.issued_at IS 'when the person authorised';
CREATE TABLE public.platform_events_received (
    event_id character varying(64) NOT NULL,
    kind character varying(32) NOT NULL,
    provider character varying(32) NOT NULL,
    meta_user_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    credentials_revoked integer NOT NULL
);
COMMENT ON COLUMN public.platform_events_received.kind IS 'deauthorize or data_deletion';
CREATE TABLE public.received_deliveries (
    delivery_id character varying(64) NOT NULL,
    digest character varying(64) NOT NULL,
    outcome character varying(16) NOT NULL,
    credential_id character varying(64) NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL
);
COMMENT ON COLUMN public.received_deliveries.digest IS 'keyed digest of the content';
COMMENT ON COLUMN public.received_deliveries.outcome IS 'stored or pending';
CREATE TABLE public.security_events (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(64) NOT NULL,
    detail text NOT NULL,
    caller character varying(120),
    address character varying(64),
    request_id character varying(32)
);
CREATE SEQUENCE public.security_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.security_events_id_seq OWNED BY public.security_events.id;
CREATE TABLE public.success_sessions (
    handle_digest character varying(64) NOT NULL,
    credential_id character varying(64) NOT NULL,
    handle_expires_at timestamp with time zone NOT NULL,
    session_digest character varying(64),
    session_expires_at timestamp with time zone,
    chosen_at timestamp with time zone
);
COMMENT ON COLUMN public.success_sessions.handle_digest IS 'SHA-256 of the one-time handle';
COMMENT ON COLUMN public.success_sessions.session_digest IS 'SHA-256 of the cookie; empty until the handle is used';
COMMENT ON COLUMN public.success_sessions.chosen_at IS 'when the person sent their choice of assets';
ALTER TABLE ONLY public.access_log ALTER COLUMN id SET DEFAULT nextval('public.access_log_id_seq'::regclass);
ALTER TABLE ONLY public.ad_campaign_reach ALTER COLUMN id SET DEFAULT nextval('public.ad_campaign_reach_id_seq'::regclass);
ALTER TABLE ONLY public.ad_changes ALTER COLUMN id SET DEFAULT nextval('public.ad_changes_id_seq'::regclass);
ALTER TABLE ONLY public.ad_insights ALTER COLUMN id SET DEFAULT nextval('public.ad_insights_id_seq'::regclass);
ALTER TABLE ONLY public.api_calls ALTER COLUMN id SET DEFAULT nextval('public.api_calls_id_seq'::regclass);
ALTER TABLE ONLY public.coverage ALTER COLUMN id SET DEFAULT nextval('public.coverage_id_seq'::regclass);
ALTER TABLE ONLY public.facebook_page_insights ALTER COLUMN id SET DEFAULT nextval('public.facebook_page_insights_id_seq'::regclass);
ALTER TABLE ONLY public.instagram_insights ALTER COLUMN id SET DEFAULT nextval('public.instagram_insights_id_seq'::regclass);
ALTER TABLE ONLY public.security_events ALTER COLUMN id SET DEFAULT nextval('public.security_events_id_seq'::regclass);
INSERT INTO public.access_keys VALUES ('0 id', '0 name', '0 digest', '0 scopes', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.access_keys VALUES ('1 id', '1 name', '1 digest', '1 scopes', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.access_keys VALUES ('2 id', '2 name', '2 digest', '2 scopes', '2026-11-01 14:00:00+00', NULL);
INSERT INTO public.access_log VALUES (1, '2026-11-01 12:00:00+00', '0 request_id', '0 listener', '0 method', '0 path', 1, 0.5, '0 address', '0 caller');
INSERT INTO public.access_log VALUES (2, '2026-11-01 13:00:00+00', '1 request_id', '1 listener', '1 method', '1 path', 2, 1.5, '1 address', '1 caller');
INSERT INTO public.access_log VALUES (3, '2026-11-01 14:00:00+00', '2 request_id', '2 listener', '2 method', '2 path', 3, 2.5, '2 address', NULL);
INSERT INTO public.ad_campaign_reach VALUES (1, '0 ad_account_id', '0 campaign_id', '2026-10-01', '2026-10-01', 1, '2026-11-01 12:00:00+00');
INSERT INTO public.ad_campaign_reach VALUES (2, '1 ad_account_id', '1 campaign_id', '2026-10-02', '2026-10-02', 2, '2026-11-01 13:00:00+00');
INSERT INTO public.ad_campaign_reach VALUES (3, '2 ad_account_id', '2 campaign_id', '2026-10-03', '2026-10-03', 3, '2026-11-01 14:00:00+00');
INSERT INTO public.ad_campaigns VALUES ('0 campaign_id', '0 ad_account_id', '0 name', '0 objective', '0 status', '0 effective_status', '0 buying_type', '0 bid_strategy', '0 c', 1, 1, '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.ad_campaigns VALUES ('1 campaign_id', '1 ad_account_id', '1 name', '1 objective', '1 status', '1 effective_status', '1 buying_type', '1 bid_strategy', '1 c', 2, 2, '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.ad_campaigns VALUES ('2 campaign_id', '2 ad_account_id', '2 name', '2 objective', '2 status', '2 effective_status', '2 buying_type', '2 bid_strategy', '2 c', NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-01 14:00:00+00');
INSERT INTO public.ad_changes VALUES (1, '0 object_id', '0 before', '0 after', '0 changed_by', '0 approval_id', '2026-11-01 12:00:00+00');
INSERT INTO public.ad_changes VALUES (2, '1 object_id', '1 before', '1 after', '1 changed_by', '1 approval_id', '2026-11-01 13:00:00+00');
INSERT INTO public.ad_changes VALUES (3, '2 object_id', '2 before', '2 after', '2 changed_by', NULL, '2026-11-01 14:00:00+00');
INSERT INTO public.ad_insights VALUES (1, '0 ad_account_id', '0 campaign_id', '0 ad_set_id', '0 ad_id', '2026-10-01', '0 c', 1, 1, 1, 1, 1, 1, '0 actions', '0 action_values_minor', '2026-11-01 12:00:00+00');
INSERT INTO public.ad_insights VALUES (2, '1 ad_account_id', '1 campaign_id', '1 ad_set_id', '1 ad_id', '2026-10-02', '1 c', 2, 2, 2, 2, 2, 2, '1 actions', '1 action_values_minor', '2026-11-01 13:00:00+00');
INSERT INTO public.ad_insights VALUES (3, '2 ad_account_id', '2 campaign_id', '2 ad_set_id', '2 ad_id', '2026-10-03', '2 c', 3, 3, 3, 3, 3, NULL, '2 actions', '2 action_values_minor', '2026-11-01 14:00:00+00');
INSERT INTO public.ad_sets VALUES ('0 ad_set_id', '0 ad_account_id', '0 campaign_id', '0 name', '0 status', '0 effective_status', '0 optimization_goal', '0 billing_event', '0 c', 1, 1, 1, '0 targeting', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.ad_sets VALUES ('1 ad_set_id', '1 ad_account_id', '1 campaign_id', '1 name', '1 status', '1 effective_status', '1 optimization_goal', '1 billing_event', '1 c', 2, 2, 2, '1 targeting', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.ad_sets VALUES ('2 ad_set_id', '2 ad_account_id', '2 campaign_id', '2 name', '2 status', '2 effective_status', '2 optimization_goal', '2 billing_event', '2 c', NULL, NULL, NULL, '2 targeting', NULL, NULL, NULL, NULL, '2026-11-01 14:00:00+00');
INSERT INTO public.ads VALUES ('0 ad_id', '0 ad_account_id', '0 ad_set_id', '0 campaign_id', '0 name', '0 status', '0 effective_status', '0 creative_id', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.ads VALUES ('1 ad_id', '1 ad_account_id', '1 ad_set_id', '1 campaign_id', '1 name', '1 status', '1 effective_status', '1 creative_id', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.ads VALUES ('2 ad_id', '2 ad_account_id', '2 ad_set_id', '2 campaign_id', '2 name', '2 status', '2 effective_status', '2 creative_id', NULL, NULL, '2026-11-01 14:00:00+00');
INSERT INTO public.ai_recommendations VALUES ('0 recommendation_id', '0 kind', '0 title', '0 text', '0 evidence', '0 status', '2026-11-01 12:00:00+00');
INSERT INTO public.ai_recommendations VALUES ('1 recommendation_id', '1 kind', '1 title', '1 text', '1 evidence', '1 status', '2026-11-01 13:00:00+00');
INSERT INTO public.ai_recommendations VALUES ('2 recommendation_id', '2 kind', '2 title', '2 text', '2 evidence', '2 status', '2026-11-01 14:00:00+00');
INSERT INTO public.alembic_version VALUES ('0002');
INSERT INTO public.api_calls VALUES (1, '2026-11-01 12:00:00+00', '0 credential_id', '0 asset_id', '0 method', '0 path', 1, '0 priority', '0 outcome', 1, 1, 1, 0.5, 1, true);
INSERT INTO public.api_calls VALUES (2, '2026-11-01 13:00:00+00', '1 credential_id', '1 asset_id', '1 method', '1 path', 2, '1 priority', '1 outcome', 2, 2, 2, 1.5, 2, false);
INSERT INTO public.api_calls VALUES (3, '2026-11-01 14:00:00+00', NULL, NULL, '2 method', '2 path', 3, '2 priority', '2 outcome', NULL, NULL, NULL, 2.5, 3, true);
INSERT INTO public.competitor_ads VALUES ('0 ad_archive_id', '0 page_id', '0 page_name', '0 bodies', '0 snapshot_url', '2026-10-01', '2026-10-01', '0 publisher_platforms', 1, '2026-11-01 12:00:00+00');
INSERT INTO public.competitor_ads VALUES ('1 ad_archive_id', '1 page_id', '1 page_name', '1 bodies', '1 snapshot_url', '2026-10-02', '2026-10-02', '1 publisher_platforms', 2, '2026-11-01 13:00:00+00');
INSERT INTO public.competitor_ads VALUES ('2 ad_archive_id', '2 page_id', '2 page_name', '2 bodies', '2 snapshot_url', NULL, NULL, '2 publisher_platforms', NULL, '2026-11-01 14:00:00+00');
INSERT INTO public.connected_assets VALUES ('0 id', '0 credential_id', '0 kind', '0 asset_id', '0 name', '0 username', '0 parent_id', '0 c', '0 timezone', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.connected_assets VALUES ('1 id', '1 credential_id', '1 kind', '1 asset_id', '1 name', '1 username', '1 parent_id', '1 c', '1 timezone', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.connected_assets VALUES ('2 id', '2 credential_id', '2 kind', '2 asset_id', '2 name', NULL, NULL, NULL, NULL, '2026-11-01 14:00:00+00', NULL);
INSERT INTO public.coverage VALUES (1, '0 subject_id', 'campaign_reach', '2026-10-01', '0 state', '0 reason', '2026-11-01 12:00:00+00');
INSERT INTO public.coverage VALUES (2, '1 subject_id', 'reach', '2026-10-02', '1 state', '1 reason', '2026-11-01 13:00:00+00');
INSERT INTO public.coverage VALUES (3, '2 subject_id', 'views', '2026-10-03', '2 state', '2 reason', '2026-11-01 14:00:00+00');
INSERT INTO public.facebook_page_insights VALUES (1, '0 page_id', '0 subject_id', '0 metric', '0 period', '2026-10-01', 0.5, '2026-11-01 12:00:00+00');
INSERT INTO public.facebook_page_insights VALUES (2, '1 page_id', '1 subject_id', '1 metric', '1 period', '2026-10-02', 1.5, '2026-11-01 13:00:00+00');
INSERT INTO public.facebook_page_insights VALUES (3, '2 page_id', '2 subject_id', '2 metric', '2 period', '2026-10-03', 2.5, '2026-11-01 14:00:00+00');
INSERT INTO public.facebook_posts VALUES ('0 post_id', '0 page_id', '0 message', '0 permalink', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.facebook_posts VALUES ('1 post_id', '1 page_id', '1 message', '1 permalink', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.facebook_posts VALUES ('2 post_id', '2 page_id', '2 message', '2 permalink', '2026-11-01 14:00:00+00', '2026-11-01 14:00:00+00');
INSERT INTO public.governor_ledger VALUES ('node', '0 asset_id', '0 calls', 0.5, '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.governor_ledger VALUES ('usage:app', '1 asset_id', '1 calls', 1.5, '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.governor_ledger VALUES ('person:17', NULL, '2 calls', 2.5, NULL, NULL, '2026-11-01 14:00:00+00');
INSERT INTO public.instagram_accounts VALUES ('0 account_id', '0 username', '0 name', '0 biography', '0 website', '0 picture_url', 1, 1, 1, '2026-11-01 12:00:00+00');
INSERT INTO public.instagram_accounts VALUES ('1 account_id', '1 username', '1 name', '1 biography', '1 website', '1 picture_url', 2, 2, 2, '2026-11-01 13:00:00+00');
INSERT INTO public.instagram_accounts VALUES ('2 account_id', '2 username', '2 name', '2 biography', '2 website', '2 picture_url', 3, 3, 3, '2026-11-01 14:00:00+00');
INSERT INTO public.instagram_insights VALUES (1, '0 account_id', '0 subject_kind', '0 subject_id', '0 metric', '0 period', '0 breakdown', '0 part', '2026-10-01', 0.5, '2026-11-01 12:00:00+00');
INSERT INTO public.instagram_insights VALUES (2, '1 account_id', '1 subject_kind', '1 subject_id', '1 metric', '1 period', '1 breakdown', '1 part', '2026-10-02', 1.5, '2026-11-01 13:00:00+00');
INSERT INTO public.instagram_insights VALUES (3, '2 account_id', '2 subject_kind', '2 subject_id', '2 metric', '2 period', '2 breakdown', '2 part', '2026-10-03', 2.5, '2026-11-01 14:00:00+00');
INSERT INTO public.instagram_posts VALUES ('0 post_id', '0 account_id', '0 caption', '0 media_type', '0 product_type', '0 permalink', '0 shortcode', '0 thumbnail_url', '2026-11-01 12:00:00+00', 1, 1, '2026-11-01 12:00:00+00');
INSERT INTO public.instagram_posts VALUES ('1 post_id', '1 account_id', '1 caption', '1 media_type', '1 product_type', '1 permalink', '1 shortcode', '1 thumbnail_url', '2026-11-01 13:00:00+00', 2, 2, '2026-11-01 13:00:00+00');
INSERT INTO public.instagram_posts VALUES ('2 post_id', '2 account_id', '2 caption', '2 media_type', '2 product_type', '2 permalink', '2 shortcode', '2 thumbnail_url', '2026-11-01 14:00:00+00', NULL, NULL, '2026-11-01 14:00:00+00');
INSERT INTO public.meta_credentials VALUES ('0 id', '0 client_id', '0 access_token', '2026-11-01 12:00:00+00', '0 instagram_business_account_id', '0 facebook_page_id', '0 ad_account_id', '0 meta_user_id', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', '0 provider', '0 status', '0 status_reason', '0 scopes', '2026-11-01 12:00:00+00', '0 page_tokens', '0 appsecret_proofs', '0 key_id', '0 delivery_id', '2026-11-01 12:00:00+00');
INSERT INTO public.meta_credentials VALUES ('1 id', '1 client_id', '1 access_token', '2026-11-01 13:00:00+00', '1 instagram_business_account_id', '1 facebook_page_id', '1 ad_account_id', '1 meta_user_id', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', '1 provider', '1 status', '1 status_reason', '1 scopes', '2026-11-01 13:00:00+00', '1 page_tokens', '1 appsecret_proofs', '1 key_id', '1 delivery_id', '2026-11-01 13:00:00+00');
INSERT INTO public.meta_credentials VALUES ('2 id', '2 client_id', NULL, NULL, NULL, NULL, NULL, '2 meta_user_id', '2026-11-01 14:00:00+00', NULL, '2 provider', '2 status', NULL, '2 scopes', NULL, NULL, NULL, NULL, '2 delivery_id', '2026-11-01 14:00:00+00');
INSERT INTO public.platform_events_received VALUES ('0 event_id', '0 kind', '0 provider', '0 meta_user_id', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00', 1);
INSERT INTO public.platform_events_received VALUES ('1 event_id', '1 kind', '1 provider', '1 meta_user_id', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00', 2);
INSERT INTO public.platform_events_received VALUES ('2 event_id', '2 kind', '2 provider', '2 meta_user_id', '2026-11-01 14:00:00+00', '2026-11-01 14:00:00+00', 3);
INSERT INTO public.received_deliveries VALUES ('0 delivery_id', '0 digest', '0 outcome', '0 credential_id', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.received_deliveries VALUES ('1 delivery_id', '1 digest', '1 outcome', '1 credential_id', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.received_deliveries VALUES ('2 delivery_id', '2 digest', '2 outcome', '2 credential_id', '2026-11-01 14:00:00+00', '2026-11-01 14:00:00+00');
INSERT INTO public.security_events VALUES (1, '2026-11-01 12:00:00+00', '0 kind', '0 detail', '0 caller', '0 address', '0 request_id');
INSERT INTO public.security_events VALUES (2, '2026-11-01 13:00:00+00', '1 kind', '1 detail', '1 caller', '1 address', '1 request_id');
INSERT INTO public.security_events VALUES (3, '2026-11-01 14:00:00+00', '2 kind', '2 detail', NULL, NULL, NULL);
INSERT INTO public.success_sessions VALUES ('0 handle_digest', '0 credential_id', '2026-11-01 12:00:00+00', '0 session_digest', '2026-11-01 12:00:00+00', '2026-11-01 12:00:00+00');
INSERT INTO public.success_sessions VALUES ('1 handle_digest', '1 credential_id', '2026-11-01 13:00:00+00', '1 session_digest', '2026-11-01 13:00:00+00', '2026-11-01 13:00:00+00');
INSERT INTO public.success_sessions VALUES ('2 handle_digest', '2 credential_id', '2026-11-01 14:00:00+00', NULL, NULL, NULL);
SELECT pg_catalog.setval('public.access_log_id_seq', 3, true);
SELECT pg_catalog.setval('public.ad_campaign_reach_id_seq', 3, true);
SELECT pg_catalog.setval('public.ad_changes_id_seq', 3, true);
SELECT pg_catalog.setval('public.ad_insights_id_seq', 3, true);
SELECT pg_catalog.setval('public.api_calls_id_seq', 3, true);
SELECT pg_catalog.setval('public.coverage_id_seq', 3, true);
SELECT pg_catalog.setval('public.facebook_page_insights_id_seq', 3, true);
SELECT pg_catalog.setval('public.instagram_insights_id_seq', 3, true);
SELECT pg_catalog.setval('public.security_events_id_seq', 3, true);
ALTER TABLE ONLY public.access_keys
    ADD CONSTRAINT access_keys_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.access_keys
    ADD CONSTRAINT access_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_log
    ADD CONSTRAINT access_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ad_campaign_reach
    ADD CONSTRAINT ad_campaign_reach_once UNIQUE (campaign_id, first_day, last_day);
ALTER TABLE ONLY public.ad_campaign_reach
    ADD CONSTRAINT ad_campaign_reach_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ad_campaigns
    ADD CONSTRAINT ad_campaigns_pkey PRIMARY KEY (campaign_id);
ALTER TABLE ONLY public.ad_changes
    ADD CONSTRAINT ad_changes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ad_insights
    ADD CONSTRAINT ad_insights_once UNIQUE (ad_id, day);
ALTER TABLE ONLY public.ad_insights
    ADD CONSTRAINT ad_insights_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ad_sets
    ADD CONSTRAINT ad_sets_pkey PRIMARY KEY (ad_set_id);
ALTER TABLE ONLY public.ads
    ADD CONSTRAINT ads_pkey PRIMARY KEY (ad_id);
ALTER TABLE ONLY public.ai_recommendations
    ADD CONSTRAINT ai_recommendations_pkey PRIMARY KEY (recommendation_id);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.api_calls
    ADD CONSTRAINT api_calls_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.competitor_ads
    ADD CONSTRAINT competitor_ads_pkey PRIMARY KEY (ad_archive_id);
ALTER TABLE ONLY public.connected_assets
    ADD CONSTRAINT connected_assets_credential_id_asset_id_key UNIQUE (credential_id, asset_id);
ALTER TABLE ONLY public.connected_assets
    ADD CONSTRAINT connected_assets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_once UNIQUE (subject_id, metric, day);
ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.facebook_page_insights
    ADD CONSTRAINT facebook_page_insights_once UNIQUE (subject_id, metric, period, day);
ALTER TABLE ONLY public.facebook_page_insights
    ADD CONSTRAINT facebook_page_insights_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.facebook_posts
    ADD CONSTRAINT facebook_posts_pkey PRIMARY KEY (post_id);
ALTER TABLE ONLY public.governor_ledger
    ADD CONSTRAINT governor_ledger_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.instagram_accounts
    ADD CONSTRAINT instagram_accounts_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.instagram_insights
    ADD CONSTRAINT instagram_insights_once UNIQUE (subject_id, metric, period, breakdown, part, day);
ALTER TABLE ONLY public.instagram_insights
    ADD CONSTRAINT instagram_insights_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.instagram_posts
    ADD CONSTRAINT instagram_posts_pkey PRIMARY KEY (post_id);
ALTER TABLE ONLY public.meta_credentials
    ADD CONSTRAINT meta_credentials_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.platform_events_received
    ADD CONSTRAINT platform_events_received_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.received_deliveries
    ADD CONSTRAINT received_deliveries_pkey PRIMARY KEY (delivery_id);
ALTER TABLE ONLY public.security_events
    ADD CONSTRAINT security_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.success_sessions
    ADD CONSTRAINT success_sessions_pkey PRIMARY KEY (handle_digest);
CREATE INDEX ix_access_log_at ON public.access_log USING btree (at);
CREATE INDEX ix_ad_campaign_reach_ad_account_id ON public.ad_campaign_reach USING btree (ad_account_id);
CREATE INDEX ix_ad_campaigns_ad_account_id ON public.ad_campaigns USING btree (ad_account_id);
CREATE INDEX ix_ad_changes_approval_id ON public.ad_changes USING btree (approval_id);
CREATE INDEX ix_ad_changes_object_id ON public.ad_changes USING btree (object_id);
CREATE INDEX ix_ad_insights_ad_account_id ON public.ad_insights USING btree (ad_account_id);
CREATE INDEX ix_ad_insights_ad_id ON public.ad_insights USING btree (ad_id);
CREATE INDEX ix_ad_insights_ad_set_id ON public.ad_insights USING btree (ad_set_id);
CREATE INDEX ix_ad_insights_campaign_id ON public.ad_insights USING btree (campaign_id);
CREATE INDEX ix_ad_insights_day ON public.ad_insights USING btree (day);
CREATE INDEX ix_ad_sets_ad_account_id ON public.ad_sets USING btree (ad_account_id);
CREATE INDEX ix_ad_sets_campaign_id ON public.ad_sets USING btree (campaign_id);
CREATE INDEX ix_ads_ad_account_id ON public.ads USING btree (ad_account_id);
CREATE INDEX ix_ads_ad_set_id ON public.ads USING btree (ad_set_id);
CREATE INDEX ix_ads_campaign_id ON public.ads USING btree (campaign_id);
CREATE INDEX ix_ai_recommendations_kind ON public.ai_recommendations USING btree (kind);
CREATE INDEX ix_api_calls_asset_id ON public.api_calls USING btree (asset_id);
CREATE INDEX ix_api_calls_at ON public.api_calls USING btree (at);
CREATE INDEX ix_api_calls_credential_id ON public.api_calls USING btree (credential_id);
CREATE INDEX ix_competitor_ads_page_id ON public.competitor_ads USING btree (page_id);
CREATE INDEX ix_connected_assets_asset_id ON public.connected_assets USING btree (asset_id);
CREATE INDEX ix_connected_assets_credential_id ON public.connected_assets USING btree (credential_id);
CREATE INDEX ix_connected_assets_parent_id ON public.connected_assets USING btree (parent_id);
CREATE INDEX ix_facebook_page_insights_day ON public.facebook_page_insights USING btree (day);
CREATE INDEX ix_facebook_page_insights_page_id ON public.facebook_page_insights USING btree (page_id);
CREATE INDEX ix_facebook_posts_page_id ON public.facebook_posts USING btree (page_id);
CREATE INDEX ix_facebook_posts_published_at ON public.facebook_posts USING btree (published_at);
CREATE INDEX ix_governor_ledger_asset_id ON public.governor_ledger USING btree (asset_id);
CREATE INDEX ix_instagram_insights_account_id ON public.instagram_insights USING btree (account_id);
CREATE INDEX ix_instagram_insights_day ON public.instagram_insights USING btree (day);
CREATE INDEX ix_instagram_posts_account_id ON public.instagram_posts USING btree (account_id);
CREATE INDEX ix_instagram_posts_published_at ON public.instagram_posts USING btree (published_at);
CREATE INDEX ix_meta_credentials_delivery_id ON public.meta_credentials USING btree (delivery_id);
CREATE INDEX ix_meta_credentials_meta_user_id ON public.meta_credentials USING btree (meta_user_id);
CREATE INDEX ix_platform_events_received_meta_user_id ON public.platform_events_received USING btree (meta_user_id);
CREATE INDEX ix_received_deliveries_credential_id ON public.received_deliveries USING btree (credential_id);
CREATE INDEX ix_security_events_at ON public.security_events USING btree (at);
CREATE INDEX ix_security_events_kind ON public.security_events USING btree (kind);
CREATE INDEX ix_success_sessions_credential_id ON public.success_sessions USING btree (credential_id);
CREATE INDEX ix_success_sessions_session_digest ON public.success_sessions USING btree (session_digest);
CREATE INDEX meta_credentials_by_status ON public.meta_credentials USING btree (status, issued_at);

"""The tools of meta-ads-mcp 1.0.128 with all switches on, and the names of their arguments beside `access_token`."""

from collections.abc import Mapping
from typing import Final

PEER: Final[Mapping[str, str]] = {
    "get_ad_accounts": "user_id limit",
    "get_account_info": "account_id fields",
    "get_campaigns": "account_id limit status_filter objective_filter after",
    "get_campaign_details": "campaign_id",
    "create_campaign": (
        "account_id name objective status special_ad_categories daily_budget lifetime_budget buying_type "
        "bid_strategy bid_cap spend_cap campaign_budget_optimization ab_test_control_setups "
        "use_adset_level_budgets"
    ),
    "update_campaign": (
        "campaign_id name status special_ad_categories daily_budget lifetime_budget bid_strategy bid_cap "
        "spend_cap campaign_budget_optimization objective use_adset_level_budgets adset_budgets"
    ),
    "get_adsets": "account_id limit campaign_id",
    "get_adset_details": "adset_id",
    "create_adset": (
        "account_id campaign_id name optimization_goal billing_event status daily_budget lifetime_budget "
        "targeting bid_amount bid_strategy bid_constraints bid_adjustments start_time end_time dsa_beneficiary "
        "dsa_payor promoted_object destination_type is_dynamic_creative frequency_control_specs "
        "multi_advertiser_ads regional_regulated_categories regional_regulation_identities attribution_spec"
    ),
    "update_adset": (
        "adset_id frequency_control_specs bid_strategy bid_amount bid_constraints bid_adjustments name status "
        "targeting optimization_goal daily_budget lifetime_budget is_dynamic_creative start_time end_time "
        "dsa_beneficiary dsa_payor multi_advertiser_ads regional_regulated_categories "
        "regional_regulation_identities attribution_spec"
    ),
    "get_ads": "account_id limit campaign_id adset_id",
    "get_ad_details": "ad_id",
    "get_creative_details": "creative_id",
    "create_ad": "account_id name adset_id creative_id status bid_amount tracking_specs",
    "get_ad_creatives": "ad_id",
    "get_ad_image": "ad_id",
    "get_image_by_hash": "account_id image_hash",
    "get_ad_video": "ad_id video_id account_id",
    "save_ad_image_locally": "ad_id output_dir",
    "update_ad": "ad_id name status bid_amount tracking_specs creative_id",
    "upload_ad_image": "account_id file image_url name",
    "compute_image_crops": "image_width image_height crop_keys",
    "create_ad_creative": (
        "account_id image_hash name page_id link_url message messages headline headlines description descriptions "
        "image_hashes video_id thumbnail_url optimization_type dynamic_creative_spec call_to_action_type "
        "lead_gen_form_id instagram_actor_id ad_formats asset_customization_rules creative_features_spec "
        "phone_number url_tags caption image_crops object_story_id disable_all_enhancements event_id "
        "reminder_data videos images facebook_branded_content instagram_branded_content"
    ),
    "update_ad_creative": (
        "creative_id name message messages headline headlines description descriptions optimization_type "
        "dynamic_creative_spec call_to_action_type lead_gen_form_id ad_formats creative_features_spec"
    ),
    "search_pages_by_name": "account_id search_term",
    "get_account_pages": "account_id",
    "get_insights": (
        "object_id time_range breakdown level limit after action_attribution_windows action_breakdowns compact "
        "account_id campaign_id adset_id ad_id"
    ),
    "get_login_link": "",
    "search_ads_archive": "search_terms ad_reached_countries ad_type limit fields",
    "create_budget_schedule": "campaign_id budget_value budget_value_type time_start time_end",
    "search_interests": "query limit",
    "get_interest_suggestions": "interest_list limit",
    "estimate_audience_size": "account_id targeting optimization_goal interest_list interest_fbid_list",
    "search_behaviors": "limit",
    "search_demographics": "demographic_class limit",
    "search_geo_locations": "query location_types limit",
    "generate_report": (
        "account_id report_type time_range campaign_ids export_format report_name include_sections breakdowns "
        "comparison_period"
    ),
    "duplicate_campaign": (
        "campaign_id name_suffix include_ad_sets include_ads include_creatives copy_schedule new_daily_budget "
        "new_start_time new_end_time new_status pb_token"
    ),
    "duplicate_adset": (
        "adset_id target_campaign_id name_suffix include_ads include_creatives new_daily_budget new_targeting "
        "new_start_time new_end_time new_status pb_token"
    ),
    "duplicate_ad": "ad_id target_adset_id name_suffix duplicate_creative new_creative_name new_status pb_token",
    "duplicate_creative": (
        "creative_id name_suffix new_primary_text new_headline new_description new_cta_type new_destination_url "
        "new_creative_features_spec pb_token"
    ),
}
"""Tool -> arguments, in its own order, between blanks."""

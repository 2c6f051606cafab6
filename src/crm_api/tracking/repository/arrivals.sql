INSERT INTO web_arrivals (organization_id, id, key, batch_id, visitor_id, consent, contact_id, message_id,
    submission_id, type, name, at, received_at, path, referrer, utm, campaign_key, is_entry, props, device,
    wilaya_code, ip_prefix, is_bot)
SELECT :organization_id, e.id, e.key, :batch_id, :visitor_id, :consent, e.contact_id, e.message_id,
    e.submission_id, e.type, e.name, e.at, :received_at, e.path, e.referrer, e.utm::jsonb, e.campaign_key,
    e.is_entry, e.props::jsonb, :device, :wilaya_code, :ip_prefix, :is_bot
FROM unnest(:ids, :keys, :types, :names, :ats, :paths, :referrers, :utms, :campaign_keys, :entries, :props,
    :contact_ids, :message_ids, :submission_ids)
    AS e (id, key, type, name, at, path, referrer, utm, campaign_key, is_entry, props, contact_id,
        message_id, submission_id)
ON CONFLICT DO NOTHING

CREATE TABLE touches (
    organization_id UUID NOT NULL,
    source_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    campaign_id UUID,
    channel TEXT,
    kind VARCHAR(40) NOT NULL,
    at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_touches PRIMARY KEY (organization_id, source_id),
    CONSTRAINT fk_touches_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_touches_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_touches_kind_known CHECK (kind IN ('open', 'click', 'session', 'form'))
)
;;
CREATE INDEX ix_touches_campaign ON touches (organization_id, campaign_id, at, contact_id)
;;
CREATE INDEX ix_touches_contact ON touches (organization_id, contact_id, at)
;;
ALTER TABLE touches ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE touches FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON touches
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON touches TO crm_app
;;
CREATE TABLE campaign_results (
    organization_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    reckoned_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    counts JSONB NOT NULL,
    revenue JSONB NOT NULL,
    CONSTRAINT pk_campaign_results PRIMARY KEY (organization_id, campaign_id),
    CONSTRAINT fk_campaign_results_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE
)
;;
ALTER TABLE campaign_results ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaign_results FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaign_results
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_results TO crm_app
;;
CREATE TABLE campaign_days (
    organization_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    day DATE NOT NULL,
    opens INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    forms INTEGER NOT NULL,
    CONSTRAINT pk_campaign_days PRIMARY KEY (organization_id, campaign_id, day),
    CONSTRAINT fk_campaign_days_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE
)
;;
ALTER TABLE campaign_days ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaign_days FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaign_days
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_days TO crm_app

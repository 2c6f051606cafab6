CREATE TABLE appointment_capacities (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    agency_id UUID NOT NULL,
    type VARCHAR(40) NOT NULL,
    seats INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_appointment_capacities PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_appointment_capacities_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_appointment_capacities_seats_range CHECK (seats BETWEEN 0 AND 500),
    CONSTRAINT ck_appointment_capacities_type_known CHECK (type IN ('agency', 'home_visit', 'expert_visit', 'phone', 'video'))
)
;;
CREATE UNIQUE INDEX uq_appointment_capacities_type ON appointment_capacities (organization_id, agency_id, type)
;;
ALTER TABLE appointment_capacities ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE appointment_capacities FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON appointment_capacities
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON appointment_capacities TO crm_app
;;
CREATE TABLE appointment_resources (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    agency_id UUID,
    is_active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_appointment_resources PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_appointment_resources_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_appointment_resources_code_length CHECK (char_length(code) <= 40),
    CONSTRAINT ck_appointment_resources_name_length CHECK (char_length(name) <= 80)
)
;;
CREATE UNIQUE INDEX uq_appointment_resources_code ON appointment_resources (organization_id, code)
;;
ALTER TABLE appointment_resources ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE appointment_resources FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON appointment_resources
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON appointment_resources TO crm_app
;;
CREATE TABLE appointments (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    title TEXT NOT NULL,
    type VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    starts_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    location TEXT,
    video_url TEXT,
    resource_id UUID,
    contact_id UUID,
    account_id UUID,
    attendees JSONB DEFAULT '[]' NOT NULL,
    attendee_user_ids UUID[] DEFAULT '{}' NOT NULL,
    object_type TEXT,
    object_id UUID,
    reminder_offsets INTEGER[] DEFAULT '{1440,60}' NOT NULL,
    cancel_reason TEXT,
    previous_id UUID,
    ics_uid TEXT NOT NULL,
    confirmed_at TIMESTAMP(3) WITH TIME ZONE,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    deleted_at TIMESTAMP(3) WITH TIME ZONE,
    deleted_by_id UUID,
    CONSTRAINT pk_appointments PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_appointments_organizer FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_appointments_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_appointments_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_appointments_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_appointments_resource FOREIGN KEY(organization_id, resource_id) REFERENCES appointment_resources (organization_id, id),
    CONSTRAINT fk_appointments_previous FOREIGN KEY(organization_id, previous_id) REFERENCES appointments (organization_id, id),
    CONSTRAINT ck_appointments_duration CHECK (ends_at - starts_at BETWEEN interval '15 minutes' AND interval '8 hours'),
    CONSTRAINT ck_appointments_organized CHECK (owner_user_id IS NOT NULL),
    CONSTRAINT ck_appointments_whole_object CHECK ((object_type IS NULL) = (object_id IS NULL)),
    CONSTRAINT ck_appointments_cancelled_for_a_reason CHECK ((status = 'cancelled') = (cancel_reason IS NOT NULL)),
    CONSTRAINT ck_appointments_agency_named CHECK (type <> 'agency' OR agency_id IS NOT NULL),
    CONSTRAINT ck_appointments_few_reminders CHECK (cardinality(reminder_offsets) <= 5),
    CONSTRAINT ck_appointments_title_length CHECK (char_length(title) <= 160),
    CONSTRAINT ck_appointments_location_length CHECK (char_length(location) <= 200),
    CONSTRAINT ck_appointments_cancel_reason_length CHECK (char_length(cancel_reason) <= 200),
    CONSTRAINT ck_appointments_ics_uid_length CHECK (char_length(ics_uid) <= 80),
    CONSTRAINT ck_appointments_type_known CHECK (type IN ('agency', 'home_visit', 'expert_visit', 'phone', 'video')),
    CONSTRAINT ck_appointments_status_known CHECK (status IN ('proposed', 'confirmed', 'done', 'no_show', 'cancelled', 'rescheduled'))
)
;;
CREATE INDEX ix_appointments_account ON appointments (organization_id, account_id, starts_at, id) WHERE account_id IS NOT NULL
;;
CREATE INDEX ix_appointments_agency ON appointments (organization_id, agency_id, starts_at, id)
;;
CREATE INDEX ix_appointments_begin ON appointments (organization_id, starts_at, id)
;;
CREATE INDEX ix_appointments_contact ON appointments (organization_id, contact_id, starts_at, id) WHERE contact_id IS NOT NULL
;;
CREATE INDEX ix_appointments_object ON appointments (organization_id, object_type, object_id, starts_at, id)
;;
CREATE INDEX ix_appointments_organizer ON appointments (organization_id, owner_user_id, starts_at, id)
;;
CREATE INDEX ix_appointments_previous ON appointments (organization_id, previous_id, starts_at, id) WHERE previous_id IS NOT NULL
;;
CREATE INDEX ix_appointments_resource ON appointments (organization_id, resource_id, starts_at, id) WHERE resource_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_appointments_ics_uid ON appointments (organization_id, ics_uid)
;;
ALTER TABLE appointments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE appointments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON appointments
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON appointments TO crm_app
;;
CREATE TABLE calendar_feeds (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    secret_digest TEXT NOT NULL,
    rotated_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_calendar_feeds PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_calendar_feeds_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id)
)
;;
CREATE UNIQUE INDEX uq_calendar_feeds_secret ON calendar_feeds (organization_id, secret_digest)
;;
CREATE UNIQUE INDEX uq_calendar_feeds_user ON calendar_feeds (organization_id, user_id)
;;
ALTER TABLE calendar_feeds ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE calendar_feeds FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON calendar_feeds
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_feeds TO crm_app
;;
CREATE TABLE mission_orders (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    type VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    place TEXT NOT NULL,
    wilaya_code TEXT,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    objective TEXT NOT NULL,
    target_metric TEXT,
    target_value NUMERIC(12, 2),
    transport_mode VARCHAR(40),
    advance_amount BIGINT,
    linked_account_ids UUID[] DEFAULT '{}' NOT NULL,
    linked_task_ids UUID[] DEFAULT '{}' NOT NULL,
    report_text TEXT,
    result_value NUMERIC(12, 2),
    expenses JSONB DEFAULT '[]' NOT NULL,
    expense_amount BIGINT DEFAULT '0' NOT NULL,
    issued_by_id UUID,
    issued_at TIMESTAMP(3) WITH TIME ZONE,
    acknowledged_at TIMESTAMP(3) WITH TIME ZONE,
    started_at TIMESTAMP(3) WITH TIME ZONE,
    completed_at TIMESTAMP(3) WITH TIME ZONE,
    approved_by_id UUID,
    approved_at TIMESTAMP(3) WITH TIME ZONE,
    send_back_reason TEXT,
    cancel_reason TEXT,
    cancelled_at TIMESTAMP(3) WITH TIME ZONE,
    overdue_since DATE,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_mission_orders PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_mission_orders_assignee FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_mission_orders_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_mission_orders_issuer FOREIGN KEY(organization_id, issued_by_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_mission_orders_approver FOREIGN KEY(organization_id, approved_by_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_mission_orders_sent_by_an_agency CHECK (owner_user_id IS NOT NULL AND agency_id IS NOT NULL),
    CONSTRAINT ck_mission_orders_duration CHECK (ends_on - starts_on BETWEEN 0 AND 89),
    CONSTRAINT ck_mission_orders_not_approved_by_oneself CHECK (approved_by_id <> owner_user_id),
    CONSTRAINT ck_mission_orders_reported CHECK (status NOT IN ('completed', 'approved') OR report_text IS NOT NULL),
    CONSTRAINT ck_mission_orders_cancelled_for_a_reason CHECK ((status = 'cancelled') = (cancel_reason IS NOT NULL)),
    CONSTRAINT ck_mission_orders_amounts CHECK (advance_amount >= 0 AND expense_amount >= 0),
    CONSTRAINT ck_mission_orders_place_length CHECK (char_length(place) <= 160),
    CONSTRAINT ck_mission_orders_objective_length CHECK (char_length(objective) <= 2000),
    CONSTRAINT ck_mission_orders_report_text_length CHECK (char_length(report_text) <= 10000),
    CONSTRAINT ck_mission_orders_type_known CHECK (type IN ('prospecting', 'client_visit', 'claim_inspection', 'training', 'audit', 'delivery', 'meeting', 'other')),
    CONSTRAINT ck_mission_orders_status_known CHECK (status IN ('draft', 'issued', 'acknowledged', 'in_progress', 'completed', 'approved', 'cancelled')),
    CONSTRAINT ck_mission_orders_transport_mode_known CHECK (transport_mode IN ('company_car', 'own_car', 'taxi', 'public_transport', 'plane', 'other'))
)
;;
CREATE INDEX ix_mission_orders_agency ON mission_orders (organization_id, agency_id, starts_on, id)
;;
CREATE INDEX ix_mission_orders_assignee ON mission_orders (organization_id, owner_user_id, starts_on, id)
;;
CREATE INDEX ix_mission_orders_begin ON mission_orders (organization_id, starts_on, id)
;;
CREATE INDEX ix_mission_orders_newest ON mission_orders (organization_id, created_at, id)
;;
CREATE INDEX ix_mission_orders_under_way ON mission_orders (organization_id, ends_on, id) WHERE status IN ('issued', 'acknowledged', 'in_progress')
;;
CREATE UNIQUE INDEX uq_mission_orders_number ON mission_orders (organization_id, number)
;;
ALTER TABLE mission_orders ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE mission_orders FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON mission_orders
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON mission_orders TO crm_app
;;
CREATE TABLE appointment_engagements (
    organization_id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    party_id UUID NOT NULL,
    starts_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    hold VARCHAR(40) NOT NULL,
    CONSTRAINT pk_appointment_engagements PRIMARY KEY (organization_id, appointment_id, party_id),
    CONSTRAINT fk_appointment_engagements_organization_id_appointment_id FOREIGN KEY(organization_id, appointment_id) REFERENCES appointments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_appointment_engagements_hold_known CHECK (hold IN ('firm', 'tentative', 'none'))
)
;;
CREATE INDEX ix_appointment_engagements_party ON appointment_engagements (organization_id, party_id, starts_at) INCLUDE (ends_at, hold, appointment_id)
;;
ALTER TABLE appointment_engagements ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE appointment_engagements FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON appointment_engagements
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON appointment_engagements TO crm_app

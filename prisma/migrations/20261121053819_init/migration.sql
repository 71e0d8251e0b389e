-- CreateTable
CREATE TABLE "attention" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "order_id" UUID,
    "message" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "attention_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "user_id" UUID,
    "actor" TEXT NOT NULL,
    "entity" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "meta" JSONB NOT NULL,
    "correlation_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "type" TEXT NOT NULL,
    "version" SMALLINT NOT NULL,
    "severity" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "store_id" UUID NOT NULL,
    "aggregate_id" UUID NOT NULL,
    "order_id" UUID,
    "actor" TEXT NOT NULL,
    "correlation_id" TEXT,
    "causation_id" TEXT,
    "payload" JSONB NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "retry_queue" (
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "store_id" UUID NOT NULL,
    "event_id" UUID,
    "order_id" UUID,
    "payload" JSONB NOT NULL,
    "dedupe_key" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "failures" SMALLINT NOT NULL DEFAULT 0,
    "max_attempts" SMALLINT NOT NULL,
    "replays" SMALLINT NOT NULL DEFAULT 0,
    "again" BOOLEAN NOT NULL DEFAULT false,
    "snoozed" BOOLEAN NOT NULL DEFAULT false,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "lease_until" TIMESTAMPTZ(3),
    "leased_by" TEXT,
    "last_error" TEXT,
    "correlation_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "retry_queue_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_attempt" (
    "task_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "store_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "error" TEXT NOT NULL,

    CONSTRAINT "task_attempt_pkey" PRIMARY KEY ("task_id","attempt")
);

-- CreateTable
CREATE TABLE "cron_slot" (
    "name" TEXT NOT NULL,
    "slot" TIMESTAMPTZ(3) NOT NULL,
    "taken_by" TEXT NOT NULL,

    CONSTRAINT "cron_slot_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "outside_limit" (
    "store_id" UUID NOT NULL,
    "system" TEXT NOT NULL,
    "capacity" DOUBLE PRECISION NOT NULL,
    "tokens" DOUBLE PRECISION NOT NULL,
    "reserved" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "restore_per_second" DOUBLE PRECISION NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,
    "background_at" TIMESTAMPTZ(6),
    "blocked_until" TIMESTAMPTZ(6),
    "refused_since" TIMESTAMPTZ(6),

    CONSTRAINT "outside_limit_pkey" PRIMARY KEY ("store_id","system")
);

-- CreateTable
CREATE TABLE "outside_reservation" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "system" TEXT NOT NULL,
    "cost" DOUBLE PRECISION NOT NULL,
    "until" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "outside_reservation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "fulfillment" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "location_id" TEXT,
    "shopify_id" TEXT,
    "adopted" BOOLEAN NOT NULL DEFAULT false,
    "forced" BOOLEAN NOT NULL DEFAULT false,
    "notify_customer" BOOLEAN NOT NULL DEFAULT true,
    "lines" JSONB NOT NULL DEFAULT '[]',
    "intent_until" TIMESTAMPTZ(3),
    "known_before" TEXT[],
    "tracking_number" TEXT,
    "tracking_url" TEXT,
    "tracking_company" TEXT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "prepared_at" TIMESTAMPTZ(3),
    "succeeded_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),

    CONSTRAINT "fulfillment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shopify_cancellation" (
    "order_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "intent_until" TIMESTAMPTZ(3),
    "job_id" TEXT,
    "accepted_at" TIMESTAMPTZ(3),
    "error" TEXT,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "shopify_cancellation_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "fulfillment_request" (
    "order_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "forced" BOOLEAN NOT NULL,
    "cancel_remaining" BOOLEAN NOT NULL DEFAULT false,
    "notify_customer" BOOLEAN NOT NULL,
    "tracking_number" TEXT,
    "tracking_url" TEXT,
    "tracking_company" TEXT,
    "requested_by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "fulfillment_request_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "event_id" TEXT,
    "api_version" TEXT,
    "triggered_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "body" BYTEA NOT NULL,
    "redacted_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_header" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "shopify_id" TEXT,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "processed_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "cancelled_at" TIMESTAMPTZ(3),
    "test" BOOLEAN NOT NULL,
    "source_name" TEXT,
    "currency" TEXT NOT NULL,
    "taxes_included" BOOLEAN NOT NULL,
    "financial_status" TEXT,
    "fulfillment_status" TEXT,
    "total_cents" BIGINT NOT NULL,
    "subtotal_cents" BIGINT NOT NULL,
    "tax_cents" BIGINT NOT NULL,
    "discount_cents" BIGINT NOT NULL,
    "shipping_cents" BIGINT NOT NULL,
    "current_subtotal_cents" BIGINT NOT NULL,
    "current_total_cents" BIGINT NOT NULL,
    "tags" TEXT[],
    "customer_id" TEXT,
    "customer_name" TEXT,
    "customer_email" TEXT,
    "customer_phone" TEXT,
    "mirrored_at" TIMESTAMPTZ(3) NOT NULL,
    "redacted_at" TIMESTAMPTZ(3),

    CONSTRAINT "order_header_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_line_item" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "order_header_id" UUID NOT NULL,
    "shopify_id" TEXT,
    "title" TEXT NOT NULL,
    "variant_title" TEXT,
    "sku" TEXT,
    "variant_id" TEXT,
    "product_id" TEXT,
    "vendor" TEXT,
    "quantity" INTEGER NOT NULL,
    "current_quantity" INTEGER NOT NULL,
    "unit_price_cents" BIGINT NOT NULL,
    "discount_cents" BIGINT NOT NULL,
    "tax_cents" BIGINT NOT NULL,
    "gift_card" BOOLEAN NOT NULL,
    "tip" BOOLEAN NOT NULL,
    "fulfillment_service" TEXT,

    CONSTRAINT "order_line_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "shopify_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "vendor" TEXT,
    "mirrored_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "product_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refund" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "order_header_id" UUID NOT NULL,
    "shopify_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "total_cents" BIGINT NOT NULL,
    "adjustments_cents" BIGINT NOT NULL,
    "lines" JSONB NOT NULL,

    CONSTRAINT "refund_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "shopify_id" TEXT,
    "public_id" TEXT NOT NULL,
    "correlation_id" TEXT,
    "name" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "test" BOOLEAN NOT NULL,
    "source_name" TEXT,
    "currency" TEXT NOT NULL,
    "total_cents" BIGINT NOT NULL,
    "subtotal_cents" BIGINT NOT NULL,
    "tax_cents" BIGINT NOT NULL,
    "discount_cents" BIGINT NOT NULL,
    "shipping_cents" BIGINT NOT NULL,
    "shipping_method" TEXT,
    "customer" JSONB,
    "shipping_address" JSONB,
    "note" TEXT,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "shipping_status" TEXT,
    "fulfilment_type" TEXT NOT NULL,
    "fulfilment_type_final" BOOLEAN NOT NULL DEFAULT false,
    "financial_status" TEXT,
    "shopify_updated_at" TIMESTAMPTZ(3),
    "paid_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),
    "cancel_reason" TEXT,
    "accepted_at" TIMESTAMPTZ(3),
    "ready_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "production_status" TEXT NOT NULL DEFAULT 'PENDING',
    "planned_at" TIMESTAMPTZ(3),
    "generation" INTEGER NOT NULL DEFAULT 1,
    "ready_generation" INTEGER NOT NULL DEFAULT 0,
    "units_wanted" INTEGER NOT NULL DEFAULT 0,
    "prints_wanted" INTEGER NOT NULL DEFAULT 0,
    "prints_sent" INTEGER NOT NULL DEFAULT 0,
    "prints_completed" INTEGER NOT NULL DEFAULT 0,
    "prints_failed" INTEGER NOT NULL DEFAULT 0,
    "lines_unmapped" INTEGER NOT NULL DEFAULT 0,
    "fulfillment_failed" BOOLEAN NOT NULL DEFAULT false,
    "fulfilled_at" TIMESTAMPTZ(3),
    "shopify_fulfillment_id" TEXT,
    "tracking_number" TEXT,
    "tracking_url" TEXT,
    "tracking_company" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "line_item" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "shopify_id" TEXT,
    "position" SMALLINT NOT NULL,
    "title" TEXT NOT NULL,
    "variant_title" TEXT,
    "sku" TEXT,
    "variant_id" TEXT,
    "product_id" TEXT,
    "vendor" TEXT,
    "quantity" INTEGER NOT NULL,
    "unit_price_cents" BIGINT NOT NULL,
    "discount_cents" BIGINT NOT NULL,
    "tax_cents" BIGINT NOT NULL,
    "requires_shipping" BOOLEAN NOT NULL,
    "gift_card" BOOLEAN NOT NULL,
    "tip" BOOLEAN NOT NULL,
    "fulfillment_service" TEXT,
    "current_quantity" INTEGER NOT NULL,
    "wanted" INTEGER,
    "held" INTEGER NOT NULL DEFAULT 0,
    "held_since" TIMESTAMPTZ(3),
    "fulfilled_before" INTEGER,
    "exclusion" TEXT,
    "unmapped_reason" TEXT,

    CONSTRAINT "line_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "catch_up" (
    "store_id" UUID NOT NULL,
    "seen_until" TIMESTAMPTZ(3) NOT NULL,
    "checked_at" TIMESTAMPTZ(3),

    CONSTRAINT "catch_up_pkey" PRIMARY KEY ("store_id")
);

-- CreateTable
CREATE TABLE "queue_item" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "line_item_id" UUID NOT NULL,
    "part_name" TEXT NOT NULL,
    "file_id" TEXT NOT NULL,
    "file_name" TEXT,
    "printer_group" TEXT,
    "material" TEXT,
    "tags" TEXT[],
    "amount" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "reprint_of_id" UUID,
    "simplyprint_id" TEXT,
    "intent_until" TIMESTAMPTZ(3),
    "highest_before" TEXT,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "queue_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "print_job" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "line_item_id" UUID NOT NULL,
    "queue_item_id" UUID NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "wanted" BOOLEAN NOT NULL DEFAULT true,
    "reprint_of" UUID,
    "reprint_number" SMALLINT NOT NULL DEFAULT 0,
    "replaced" BOOLEAN NOT NULL DEFAULT false,
    "simplyprint_job_id" TEXT,
    "simplyprint_job_uid" TEXT,
    "printer_id" TEXT,
    "printer_name" TEXT,
    "percentage" SMALLINT,
    "failed_reason" TEXT,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "needs_review_at" TIMESTAMPTZ(3),
    "stop_requested_at" TIMESTAMPTZ(3),
    "kept_at" TIMESTAMPTZ(3),
    "queued_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "print_job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "line_recipe" (
    "line_item_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "mapping_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "parts" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "line_recipe_pkey" PRIMARY KEY ("line_item_id")
);

-- CreateTable
CREATE TABLE "product_mapping" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "sku" TEXT,
    "variant_id" TEXT,
    "title" TEXT,
    "sku_key" TEXT,
    "sku_stem" TEXT,
    "kind" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "product_mapping_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_mapping_part" (
    "id" UUID NOT NULL,
    "mapping_id" UUID NOT NULL,
    "position" SMALLINT NOT NULL,
    "name" TEXT NOT NULL,
    "file_id" TEXT NOT NULL,
    "file_name" TEXT,
    "copies_per_unit" INTEGER NOT NULL,
    "pieces_per_print" INTEGER NOT NULL,
    "material" TEXT,
    "printer_group" TEXT,
    "tags" TEXT[],

    CONSTRAINT "product_mapping_part_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "store" (
    "id" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "shopify_domain" TEXT,
    "time_zone" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "policies" JSONB NOT NULL DEFAULT '{}',
    "produce_orders_from" TIMESTAMPTZ(3) NOT NULL,
    "uninstalled_at" TIMESTAMPTZ(3),
    "reinstalled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "store_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "outside_reservation_store_id_system_until_idx" ON "outside_reservation"("store_id", "system", "until");

-- CreateIndex
CREATE INDEX "attention_order" ON "attention"("order_id") WHERE (closed_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "attention_open" ON "attention"("store_id", "kind", "subject_id") WHERE (closed_at IS NULL);

-- CreateIndex
CREATE INDEX "audit_log_store_id_entity_entity_id_idx" ON "audit_log"("store_id", "entity", "entity_id");

-- CreateIndex
CREATE INDEX "event_xid_seq_idx" ON "event"("xid", "seq");

-- CreateIndex
CREATE INDEX "event_order_id_seq_idx" ON "event"("order_id", "seq");

-- CreateIndex
CREATE INDEX "retry_queue_due" ON "retry_queue"("due_at") WHERE (status = 'PENDING'::text);

-- CreateIndex
CREATE INDEX "retry_queue_lease" ON "retry_queue"("lease_until") WHERE (status = 'PROCESSING'::text);

-- CreateIndex
CREATE INDEX "retry_queue_completed" ON "retry_queue"("finished_at") WHERE (status = 'COMPLETED'::text);

-- CreateIndex
CREATE INDEX "retry_queue_ended" ON "retry_queue"("store_id", "id") WHERE (status = ANY (ARRAY['FAILED'::text, 'DISCARDED'::text]));

-- CreateIndex
CREATE INDEX "retry_queue_order" ON "retry_queue"("order_id") WHERE (order_id IS NOT NULL);

-- CreateIndex
CREATE UNIQUE INDEX "retry_queue_open" ON "retry_queue"("type", "dedupe_key") WHERE (status = ANY (ARRAY['PENDING'::text, 'PROCESSING'::text]));

-- CreateIndex
CREATE INDEX "fulfillment_order_id_idx" ON "fulfillment"("order_id");

-- CreateIndex
CREATE INDEX "fulfillment_on_hold" ON "fulfillment"("store_id", "updated_at") WHERE (phase = 'on_hold'::text);

-- CreateIndex
CREATE INDEX "fulfillment_store_id_id_idx" ON "fulfillment"("store_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "fulfillment_store_id_shopify_id_key" ON "fulfillment"("store_id", "shopify_id");

-- CreateIndex
CREATE INDEX "webhook_delivery_received_at_idx" ON "webhook_delivery"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_delivery_store_id_source_dedupe_key_key" ON "webhook_delivery"("store_id", "source", "dedupe_key");

-- CreateIndex
CREATE INDEX "order_header_store_id_processed_at_idx" ON "order_header"("store_id", "processed_at");

-- CreateIndex
CREATE UNIQUE INDEX "order_header_store_id_shopify_id_key" ON "order_header"("store_id", "shopify_id");

-- CreateIndex
CREATE UNIQUE INDEX "order_line_item_order_header_id_shopify_id_key" ON "order_line_item"("order_header_id", "shopify_id");

-- CreateIndex
CREATE UNIQUE INDEX "product_store_id_shopify_id_key" ON "product"("store_id", "shopify_id");

-- CreateIndex
CREATE INDEX "refund_order_header_id_idx" ON "refund"("order_header_id");

-- CreateIndex
CREATE UNIQUE INDEX "refund_store_id_shopify_id_key" ON "refund"("store_id", "shopify_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_public_id_key" ON "orders"("public_id");

-- CreateIndex
CREATE INDEX "orders_store_id_id_idx" ON "orders"("store_id", "id" DESC);

-- CreateIndex
CREATE INDEX "orders_active" ON "orders"("store_id", "status", "id") WHERE (status <> ALL (ARRAY['completed'::text, 'delivered'::text, 'cancelled'::text]));

-- CreateIndex
CREATE INDEX "orders_unfulfilled" ON "orders"("store_id", "paid_at") WHERE ((paid_at IS NOT NULL) AND (fulfilled_at IS NULL) AND (cancelled_at IS NULL));

-- CreateIndex
CREATE INDEX "orders_unmapped" ON "orders"("store_id") WHERE (lines_unmapped > 0);

-- CreateIndex
CREATE UNIQUE INDEX "orders_store_id_shopify_id_key" ON "orders"("store_id", "shopify_id");

-- CreateIndex
CREATE INDEX "line_item_held" ON "line_item"("store_id", "held_since") WHERE (held > 0);

-- CreateIndex
CREATE INDEX "line_item_unmapped" ON "line_item"("store_id", "id") WHERE (unmapped_reason IS NOT NULL);

-- CreateIndex
CREATE UNIQUE INDEX "line_item_order_id_shopify_id_key" ON "line_item"("order_id", "shopify_id");

-- CreateIndex
CREATE INDEX "queue_item_order_id_idx" ON "queue_item"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "queue_item_store_id_simplyprint_id_key" ON "queue_item"("store_id", "simplyprint_id");

-- CreateIndex
CREATE UNIQUE INDEX "print_job_reprint_of_key" ON "print_job"("reprint_of");

-- CreateIndex
CREATE INDEX "print_job_order_id_idx" ON "print_job"("order_id");

-- CreateIndex
CREATE INDEX "print_job_queue_item_id_idx" ON "print_job"("queue_item_id");

-- CreateIndex
CREATE INDEX "print_job_store_id_id_idx" ON "print_job"("store_id", "id" DESC);

-- CreateIndex
CREATE INDEX "print_job_active" ON "print_job"("store_id") WHERE (status = ANY (ARRAY['PENDING'::text, 'QUEUED'::text, 'ASSIGNED'::text, 'PRINTING'::text]));

-- CreateIndex
CREATE UNIQUE INDEX "print_job_store_id_simplyprint_job_id_key" ON "print_job"("store_id", "simplyprint_job_id");

-- CreateIndex
CREATE INDEX "line_recipe_order_id_idx" ON "line_recipe"("order_id");

-- CreateIndex
CREATE INDEX "product_mapping_store_id_sku_key_sku_idx" ON "product_mapping"("store_id", "sku_key", "sku");

-- CreateIndex
CREATE INDEX "product_mapping_store_id_sku_stem_sku_idx" ON "product_mapping"("store_id", "sku_stem", "sku");

-- CreateIndex
CREATE UNIQUE INDEX "product_mapping_store_id_sku_key" ON "product_mapping"("store_id", "sku");

-- CreateIndex
CREATE UNIQUE INDEX "product_mapping_store_id_variant_id_key" ON "product_mapping"("store_id", "variant_id");

-- CreateIndex
CREATE UNIQUE INDEX "product_mapping_part_mapping_id_position_key" ON "product_mapping_part"("mapping_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "product_mapping_part_mapping_id_name_key" ON "product_mapping_part"("mapping_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "store_handle_key" ON "store"("handle");

-- CreateIndex
CREATE UNIQUE INDEX "store_shopify_domain_key" ON "store"("shopify_domain");

-- AddForeignKey
ALTER TABLE "order_line_item" ADD CONSTRAINT "order_line_item_order_header_id_fkey" FOREIGN KEY ("order_header_id") REFERENCES "order_header"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund" ADD CONSTRAINT "refund_order_header_id_fkey" FOREIGN KEY ("order_header_id") REFERENCES "order_header"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "line_item" ADD CONSTRAINT "line_item_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "print_job" ADD CONSTRAINT "print_job_queue_item_id_fkey" FOREIGN KEY ("queue_item_id") REFERENCES "queue_item"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_mapping_part" ADD CONSTRAINT "product_mapping_part_mapping_id_fkey" FOREIGN KEY ("mapping_id") REFERENCES "product_mapping"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- CreateTable
CREATE TABLE "alert" (
    "event_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "batch_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "alert_pkey" PRIMARY KEY ("event_id")
);

-- CreateTable
CREATE TABLE "alert_window" (
    "store_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "gathering" UUID,

    CONSTRAINT "alert_window_pkey" PRIMARY KEY ("store_id","kind")
);

-- CreateTable
CREATE TABLE "notification_channel" (
    "store_id" UUID NOT NULL,
    "channel" TEXT NOT NULL,
    "format" TEXT,
    "host" TEXT NOT NULL,
    "kinds" JSONB,
    "sealed" BYTEA NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notification_channel_pkey" PRIMARY KEY ("store_id","channel")
);

-- CreateIndex
CREATE INDEX "alert_batch_id_idx" ON "alert"("batch_id");

-- CreateIndex
CREATE INDEX "alert_created_at_idx" ON "alert"("created_at");

-- CreateIndex
CREATE INDEX "event_occurred_at_idx" ON "event" USING BRIN ("occurred_at");

-- CreateTable
CREATE TABLE "privacy_request" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "delivery_id" UUID NOT NULL,
    "customer_id" TEXT,
    "shopify_order_ids" TEXT[],
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "completed_at" TIMESTAMPTZ(3),
    "step" TEXT NOT NULL DEFAULT 'find',
    "looked_until" UUID,
    "redacted_orders" INTEGER NOT NULL DEFAULT 0,
    "redacted_deliveries" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "privacy_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_subscription" (
    "store_id" UUID NOT NULL,
    "system" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "outside_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_subscription_pkey" PRIMARY KEY ("store_id","system","topic")
);

-- CreateIndex
CREATE INDEX "privacy_request_store_id_id_idx" ON "privacy_request"("store_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "privacy_request_store_id_delivery_id_key" ON "privacy_request"("store_id", "delivery_id");

-- What Prisma cannot say.

ALTER TABLE "retry_queue" ADD CONSTRAINT "retry_queue_status" CHECK ("status" IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'DISCARDED'));
ALTER TABLE "print_job" ADD CONSTRAINT "print_job_status" CHECK ("status" IN ('PENDING', 'QUEUED', 'ASSIGNED', 'PRINTING', 'COMPLETED', 'FAILED', 'CANCELLED'));
ALTER TABLE "queue_item" ADD CONSTRAINT "queue_item_state" CHECK ("state" IN ('PENDING', 'ADDED', 'REPLACED', 'CANCELLED', 'FAILED')),
  ADD CONSTRAINT "queue_item_amount" CHECK ("amount" > 0);
ALTER TABLE "orders" ADD CONSTRAINT "orders_status" CHECK ("status" IN ('pending', 'accepted', 'in_progress', 'ready', 'completed', 'packing', 'shipped', 'delivered', 'cancelled')),
  ADD CONSTRAINT "orders_production_status" CHECK ("production_status" IN ('PENDING', 'PROCESSING', 'PARTIALLY_COMPLETED', 'COMPLETED', 'FAILED', 'CANCELLED')),
  ADD CONSTRAINT "orders_fulfilment_type" CHECK ("fulfilment_type" IN ('pickup', 'shipping')),
  ADD CONSTRAINT "orders_ready_once" CHECK ("ready_generation" <= "generation");
ALTER TABLE "fulfillment" ADD CONSTRAINT "fulfillment_phase" CHECK ("phase" IN ('pending', 'processing', 'retrying', 'on_hold', 'succeeded', 'failed', 'cancelled')),
  ADD CONSTRAINT "fulfillment_provider" CHECK ("provider" IN ('shopify', 'manual'));
ALTER TABLE "notification_channel" ADD CONSTRAINT "notification_channel_name" CHECK ("channel" IN ('chat', 'webhook')),
  ADD CONSTRAINT "notification_channel_format" CHECK (("channel" = 'chat') = ("format" IS NOT NULL));
ALTER TABLE "product_mapping" ADD CONSTRAINT "product_mapping_key" CHECK (num_nonnulls("sku", "variant_id") = 1),
  ADD CONSTRAINT "product_mapping_kind" CHECK ("kind" IN ('parts', 'none'));
ALTER TABLE "product_mapping_part" ADD CONSTRAINT "product_mapping_part_counts" CHECK ("copies_per_unit" > 0 AND "pieces_per_print" > 0);

-- The event log is written once. An order's snapshot is frozen when it is placed; the one function that redacts a
-- customer sets forma3d.redacting for its own transaction.

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('forma3d.redacting', true) = 'on' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is never changed after it was written', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER "event_is_written_once" BEFORE UPDATE ON "event"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"('the event log');

CREATE TRIGGER "order_snapshot_is_frozen" BEFORE UPDATE ON "orders" FOR EACH ROW
  WHEN ((OLD."store_id", OLD."source", OLD."shopify_id", OLD."public_id", OLD."name", OLD."placed_at", OLD."test", OLD."currency",
         OLD."total_cents", OLD."subtotal_cents", OLD."tax_cents", OLD."discount_cents", OLD."shipping_cents",
         OLD."shipping_method", OLD."customer", OLD."shipping_address", OLD."note")
    IS DISTINCT FROM
        (NEW."store_id", NEW."source", NEW."shopify_id", NEW."public_id", NEW."name", NEW."placed_at", NEW."test", NEW."currency",
         NEW."total_cents", NEW."subtotal_cents", NEW."tax_cents", NEW."discount_cents", NEW."shipping_cents",
         NEW."shipping_method", NEW."customer", NEW."shipping_address", NEW."note"))
  EXECUTE FUNCTION "refuse_change"('the snapshot of an order');

CREATE TRIGGER "line_item_snapshot_is_frozen" BEFORE UPDATE ON "line_item" FOR EACH ROW
  WHEN ((OLD."order_id", OLD."shopify_id", OLD."title", OLD."variant_title", OLD."sku", OLD."variant_id", OLD."product_id",
         OLD."vendor", OLD."quantity", OLD."unit_price_cents", OLD."discount_cents", OLD."tax_cents", OLD."gift_card", OLD."tip",
         OLD."fulfillment_service")
    IS DISTINCT FROM
        (NEW."order_id", NEW."shopify_id", NEW."title", NEW."variant_title", NEW."sku", NEW."variant_id", NEW."product_id",
         NEW."vendor", NEW."quantity", NEW."unit_price_cents", NEW."discount_cents", NEW."tax_cents", NEW."gift_card", NEW."tip",
         NEW."fulfillment_service"))
  EXECUTE FUNCTION "refuse_change"('the snapshot of a line item');

-- Personal data go by one function. It works in batches, from where the last one stopped, and answers true when all is
-- done; the last batch writes the audit.

ALTER TABLE "privacy_request" ADD CONSTRAINT "privacy_request_kind" CHECK ("kind" IN ('data_request', 'customer_redact', 'shop_redact')),
  ADD CONSTRAINT "privacy_request_step" CHECK ("step" IN ('find', 'deliveries', 'orders', 'mirror', 'done'));

-- Stored bodies are as they came: not all of them are JSON.
CREATE FUNCTION "json_or_null"("p_raw" bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(p_raw, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END $$;

-- Shopify's id of the order that a delivery is about.
CREATE FUNCTION "order_of_delivery"("p_topic" text, "p_body" jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN p_topic = 'orders/edited' THEN p_body -> 'order_edit' ->> 'order_id'
    WHEN p_topic LIKE 'orders/%' THEN p_body ->> 'id'
    WHEN p_topic LIKE 'refunds/%' OR p_topic LIKE 'fulfillments/%' THEN p_body ->> 'order_id'
  END
$$;

-- Whether a delivery tells of a customer, or of one of these orders.
CREATE FUNCTION "tells_of_customer"("p_topic" text, "p_raw" bytea, "p_customer" text, "p_email" text, "p_orders" text[])
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  body jsonb := json_or_null(p_raw);
BEGIN
  IF body IS NULL THEN
    RETURN COALESCE(position(convert_to(p_customer, 'UTF8') IN p_raw) > 0, false) OR COALESCE(position(convert_to(p_email, 'UTF8') IN p_raw) > 0, false);
  END IF;
  RETURN COALESCE(order_of_delivery(p_topic, body) = ANY (p_orders), false)
    OR COALESCE(body -> 'customer' ->> 'id' = p_customer, false)
    OR COALESCE(lower(p_email) IN (lower(body ->> 'email'), lower(body -> 'customer' ->> 'email')), false);
END $$;

-- What is left of a delivery: whom to ask about, so that work that still waits for it can be done.
CREATE FUNCTION "redacted_body"("p_topic" text, "p_raw" bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT convert_to(jsonb_strip_nulls(jsonb_build_object('redacted', true, 'id', about, 'order_id', about,
    'order_edit', CASE WHEN about IS NOT NULL THEN jsonb_build_object('order_id', about) END))::text, 'UTF8')
  FROM (SELECT order_of_delivery(p_topic, json_or_null(p_raw)) AS about) AS delivery
$$;

-- A text as a pattern that finds it as words of its own, however they are spaced. Scripts from U+2E80 on (Chinese, Japanese) put no space
-- between words: there it is found anywhere.
CREATE FUNCTION "as_pattern"("p_text" text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_text ~ '^[[:alnum:]]' AND ascii(p_text) < 11904 THEN '(?<![[:alnum:]])' ELSE '' END
    || regexp_replace(regexp_replace(p_text, '([][\\.^$*+?(){}|])', '\\\1', 'g'), '\s+', '\\s+', 'g')
    || CASE WHEN p_text ~ '[[:alnum:]]$' AND ascii(right(p_text, 1)) < 11904 THEN '(?![[:alnum:]])' ELSE '' END
$$;

-- A pattern of what is known of an order's customer: whole names and each part of one, company, mail addresses, phone numbers, street, and
-- the note. Words alone count, in any case: no part of a longer word. Its first group is what says which order or print a text is about: ids,
-- and numbers of orders, which stay even where they look like a house number. Null where nothing is known.
CREATE FUNCTION "personal_words"("p_order" uuid, "p_email" text) RETURNS text LANGUAGE sql STABLE AS $$
  WITH known AS (
    SELECT o.name AS order_name, said.words, said.is_name
    FROM orders o LEFT JOIN order_header h ON h.store_id = o.store_id AND h.shopify_id = o.shopify_id, LATERAL (VALUES
      (o.customer ->> 'name', true), (o.shipping_address ->> 'name', true), (h.customer_name, true),
      (o.customer ->> 'email', false), (h.customer_email, false), (p_email, false),
      (o.customer ->> 'phone', false), (o.shipping_address ->> 'phone', false), (h.customer_phone, false),
      (o.shipping_address ->> 'company', false), (o.shipping_address ->> 'address1', false), (o.shipping_address ->> 'address2', false),
      (o.note, false)) AS said (words, is_name)
    WHERE o.id = p_order
  ), word AS (
    SELECT order_name, btrim(words, E' \t\r\n') AS each FROM known
    UNION
    -- Particles are in many names and identify nobody.
    SELECT order_name, part FROM known, regexp_split_to_table(words, '[^[:alnum:]]+') AS part
    WHERE is_name AND lower(part) NOT IN ('and', 'dal', 'del', 'den', 'der', 'des', 'dos', 'las', 'los', 'ten', 'ter', 'the', 'van', 'von')
  )
  SELECT '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|gid://[0-9a-z_/-]+|#[0-9]+|' || as_pattern(order_name) || ')|' || string_agg(as_pattern(each), '|')
  FROM word WHERE length(each) >= CASE WHEN ascii(each) < 11904 THEN 3 ELSE 2 END
  GROUP BY order_name
$$;

-- A text that was written by people or by another system, without these words. Shopify's own reasons are words too, and mean something.
CREATE FUNCTION "without_words"("p_text" text, "p_pattern" text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  -- What stays is put between two marks, of which nothing is left; where nothing stays between them, a word was.
  SELECT CASE WHEN p_text IN ('CUSTOMER', 'DECLINED', 'FRAUD', 'INVENTORY', 'OTHER', 'STAFF') THEN p_text
    ELSE translate(replace(regexp_replace(p_text, p_pattern, U&'\E000\\1\E001', 'gi'), U&'\E000\E001', '[redacted]'), U&'\E000\E001', '') END
$$;

-- The fields of events, audit and attention items that people or other systems fill with words. All others hold ids, values and catalogue data.
CREATE FUNCTION "free_text_fields"() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT ARRAY['error', 'message', 'note', 'reason'] $$;

-- The same for what such a field holds, at any depth; keys, ids, numbers and values of other fields stay as they are.
CREATE FUNCTION "json_without_words"("p_json" jsonb, "p_pattern" text, "p_is_text" boolean DEFAULT false) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE jsonb_typeof(p_json)
    WHEN 'object' THEN COALESCE((
      SELECT jsonb_object_agg(each.key, json_without_words(each.value, p_pattern, p_is_text OR each.key = ANY (free_text_fields())))
      FROM jsonb_each(p_json) AS each), p_json)
    WHEN 'array' THEN COALESCE((
      SELECT jsonb_agg(json_without_words(each.value, p_pattern, p_is_text) ORDER BY each.n)
      FROM jsonb_array_elements(p_json) WITH ORDINALITY AS each (value, n)), p_json)
    WHEN 'string' THEN CASE WHEN p_is_text THEN to_jsonb(without_words(p_json #>> '{}', p_pattern)) ELSE p_json END
    ELSE p_json
  END;
END $$;

-- Takes the words of a pattern out of everything that was written about an order, and out of those attention items that are about it.
CREATE FUNCTION "redact_words"("p_order" uuid, "p_pattern" text, "p_items" uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_pattern IS NULL THEN
    RETURN;
  END IF;
  UPDATE event e SET payload = json_without_words(e.payload, p_pattern)
    WHERE e.order_id = p_order AND e.payload ?| free_text_fields() AND json_without_words(e.payload, p_pattern) <> e.payload;
  UPDATE audit_log a SET meta = json_without_words(a.meta, p_pattern)
    FROM orders o, LATERAL (
      SELECT 'order' AS entity, o.id
      UNION ALL SELECT 'print_job', j.id FROM print_job j WHERE j.order_id = o.id
      UNION ALL SELECT 'fulfillment', f.id FROM fulfillment f WHERE f.order_id = o.id) AS part
    WHERE o.id = p_order AND a.store_id = o.store_id AND a.entity = part.entity AND a.entity_id = part.id::text
      AND json_without_words(a.meta, p_pattern) <> a.meta;
  UPDATE attention a SET message = without_words(a.message, p_pattern), details = json_without_words(a.details, p_pattern)
    WHERE a.id = ANY (p_items) AND a.order_id = p_order;
  UPDATE task_attempt a SET error = without_words(a.error, p_pattern) FROM retry_queue t WHERE t.order_id = p_order AND a.task_id = t.id;
  UPDATE retry_queue t SET last_error = without_words(t.last_error, p_pattern) WHERE t.order_id = p_order AND t.last_error IS NOT NULL;
  UPDATE shopify_cancellation c SET reason = without_words(c.reason, p_pattern), error = without_words(c.error, p_pattern) WHERE c.order_id = p_order;
  UPDATE fulfillment f SET error = without_words(f.error, p_pattern) WHERE f.order_id = p_order AND f.error IS NOT NULL;
  UPDATE queue_item q SET last_error = without_words(q.last_error, p_pattern) WHERE q.order_id = p_order AND q.last_error IS NOT NULL;
  UPDATE print_job j SET failed_reason = without_words(j.failed_reason, p_pattern) WHERE j.order_id = p_order AND j.failed_reason IS NOT NULL;
  UPDATE orders o SET cancel_reason = without_words(o.cancel_reason, p_pattern) WHERE o.id = p_order AND o.cancel_reason IS NOT NULL;
END $$;

CREATE FUNCTION "redact_personal_data"("p_request" uuid, "p_email" text, "p_batch" int, "p_audit" uuid, "p_actor" text, "p_correlation" text, "p_now" timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  r "privacy_request";
  whole_shop boolean;
  ids uuid[];
  one uuid;
  items uuid[];
  nowhere CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
  SELECT * INTO r FROM privacy_request p WHERE p.id = p_request FOR UPDATE;
  IF r.id IS NULL OR r.kind = 'data_request' THEN
    RAISE EXCEPTION 'request % redacts nothing', p_request;
  END IF;
  whole_shop := r.kind = 'shop_redact';
  PERFORM set_config('forma3d.redacting', 'on', true);

  CASE r.step
  WHEN 'find' THEN
    IF NOT whole_shop THEN
      r.shopify_order_ids := ARRAY(
        SELECT unnest(r.shopify_order_ids)
        UNION SELECT h.shopify_id FROM order_header h
          WHERE h.store_id = r.store_id AND h.shopify_id IS NOT NULL AND (h.customer_id = r.customer_id OR lower(h.customer_email) = lower(p_email))
        UNION SELECT o.shopify_id FROM orders o
          WHERE o.store_id = r.store_id AND o.shopify_id IS NOT NULL AND (o.customer ->> 'id' = r.customer_id OR lower(o.customer ->> 'email') = lower(p_email)));
    END IF;
    r.step := 'deliveries';

  -- Before orders and mirror, so that what is still worked off brings nothing back.
  WHEN 'deliveries' THEN
    ids := ARRAY(SELECT w.id FROM webhook_delivery w
      WHERE w.store_id = r.store_id AND w.source = 'shopify' AND w.id > COALESCE(r.looked_until, nowhere) ORDER BY w.id LIMIT p_batch);
    WITH redacted AS (
      UPDATE webhook_delivery w SET body = redacted_body(w.topic, w.body), redacted_at = p_now
      WHERE w.id = ANY (ids) AND w.id <> r.delivery_id AND w.redacted_at IS NULL
        AND (whole_shop OR tells_of_customer(w.topic, w.body, r.customer_id, p_email, r.shopify_order_ids))
      RETURNING 1)
    SELECT r.redacted_deliveries + count(*) INTO r.redacted_deliveries FROM redacted;
    r.looked_until := ids[cardinality(ids)];
    IF cardinality(ids) < p_batch THEN
      r.step := 'orders';
      r.looked_until := NULL;
    END IF;

  WHEN 'orders' THEN
    ids := ARRAY(SELECT o.id FROM orders o
      WHERE o.store_id = r.store_id AND o.id > COALESCE(r.looked_until, nowhere)
        AND (o.customer IS NOT NULL OR o.shipping_address IS NOT NULL OR o.note IS NOT NULL OR EXISTS (SELECT 1 FROM order_header h
          WHERE h.store_id = o.store_id AND h.shopify_id = o.shopify_id AND h.redacted_at IS NULL))
        AND (whole_shop OR o.shopify_id = ANY (r.shopify_order_ids) OR o.customer ->> 'id' = r.customer_id OR lower(o.customer ->> 'email') = lower(p_email))
      ORDER BY o.id LIMIT p_batch FOR UPDATE);
    -- Closed items have no index: looked for once.
    items := ARRAY(SELECT a.id FROM attention a WHERE a.order_id = ANY (ids));
    FOREACH one IN ARRAY ids LOOP
      PERFORM redact_words(one, personal_words(one, p_email), items);
      UPDATE orders o SET customer = NULL, shipping_address = NULL, note = NULL, updated_at = p_now WHERE o.id = one;
      r.redacted_orders := r.redacted_orders + 1;
      r.looked_until := one;
      -- However much was written of these orders: a statement may take ten seconds.
      EXIT WHEN clock_timestamp() > statement_timestamp() + interval '3 seconds';
    END LOOP;
    IF cardinality(ids) < p_batch AND COALESCE(r.looked_until = ids[cardinality(ids)], true) THEN
      r.step := 'mirror';
      r.looked_until := NULL;
    END IF;

  WHEN 'mirror' THEN
    ids := ARRAY(SELECT h.id FROM order_header h
      WHERE h.store_id = r.store_id AND h.id > COALESCE(r.looked_until, nowhere) AND h.redacted_at IS NULL
        AND (whole_shop OR h.shopify_id = ANY (r.shopify_order_ids) OR h.customer_id = r.customer_id OR lower(h.customer_email) = lower(p_email))
      ORDER BY h.id LIMIT p_batch FOR UPDATE);
    -- The trigger below takes the rest away.
    UPDATE order_header h SET redacted_at = p_now WHERE h.id = ANY (ids);
    r.looked_until := ids[cardinality(ids)];
    IF cardinality(ids) < p_batch THEN
      r.step := 'done';
      r.completed_at := p_now;
      -- Last of all the request itself: until now it said whom to look for.
      UPDATE webhook_delivery w SET body = redacted_body(w.topic, w.body), redacted_at = p_now WHERE w.id = r.delivery_id AND w.redacted_at IS NULL;
      INSERT INTO audit_log (id, store_id, actor, entity, entity_id, action, meta, correlation_id, created_at)
      VALUES (p_audit, r.store_id, p_actor, 'privacy_request', r.id::text, replace(r.kind, '_', '-'),
        jsonb_build_object('orders', r.redacted_orders, 'deliveries', r.redacted_deliveries), p_correlation, p_now);
    END IF;

  WHEN 'done' THEN
    NULL;
  END CASE;

  UPDATE privacy_request p SET step = r.step, looked_until = r.looked_until, shopify_order_ids = r.shopify_order_ids, completed_at = r.completed_at,
    redacted_orders = r.redacted_orders, redacted_deliveries = r.redacted_deliveries
  WHERE p.id = r.id;
  PERFORM set_config('forma3d.redacting', 'off', true);
  RETURN r.step = 'done';
END $$;

CREATE FUNCTION "stay_redacted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."customer_id" := NULL;
  NEW."customer_name" := NULL;
  NEW."customer_email" := NULL;
  NEW."customer_phone" := NULL;
  NEW."tags" := '{}';
  RETURN NEW;
END $$;

CREATE TRIGGER "order_header_stays_redacted" BEFORE UPDATE ON "order_header" FOR EACH ROW
  WHEN (NEW."redacted_at" IS NOT NULL) EXECUTE FUNCTION "stay_redacted"();

-- DropIndex
DROP INDEX "orders_active";

-- DropIndex
DROP INDEX "print_job_active";

-- DropIndex
DROP INDEX "retry_queue_open";

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

-- CreateIndex
CREATE INDEX "line_recipe_order_id_idx" ON "line_recipe"("order_id");

-- CreateIndex
CREATE INDEX "orders_active" ON "orders"("store_id", "status", "id") WHERE (status NOT IN ('completed', 'delivered', 'cancelled'));

-- CreateIndex
CREATE INDEX "print_job_active" ON "print_job"("store_id") WHERE (status IN ('PENDING', 'QUEUED', 'ASSIGNED', 'PRINTING'));

-- CreateIndex
CREATE UNIQUE INDEX "retry_queue_open" ON "retry_queue"("type", "dedupe_key") WHERE (status IN ('PENDING', 'PROCESSING'));


-- AlterTable
ALTER TABLE "fulfillment" ADD COLUMN     "prepared_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "fulfillment_request" ADD COLUMN     "id" UUID NOT NULL;

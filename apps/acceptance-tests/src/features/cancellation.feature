@api @critical
Feature: A cancelled order is neither printed further nor fulfilled
  Whether Shopify or a person here cancels it: what has not started is taken back, what runs is a person's decision, what is done is
  reported. Nothing is called done before the other system has said so.

  @smoke
  Scenario: An order in PROCESSING is cancelled, its status is CANCELLED
    Given "MUG" is printed from "mug"
    And the printers stand still
    And a customer buys and pays 3 × "MUG"
    And the order's production status becomes "PROCESSING"
    When the operator cancels the order because "The customer changed their mind."
    Then the answer is 200, and the order is cancelled
    And the order's production status becomes "CANCELLED"
    And asked again, 3 prints are cancelled, 0 are asked for, 0 run and 0 were done
    And nothing of "mug" is left in SimplyPrint's queue
    And Shopify holds no fulfillment

  @smoke
  Scenario: An order that is cancelled in Shopify
    Given "SPOON" is printed from "spoon"
    And the printers stand still
    And a customer buys and pays 2 × "SPOON"
    And the order's production status becomes "PROCESSING"
    When the merchant cancels the order in Shopify
    Then the order's production status becomes "CANCELLED"
    And asked again, 2 prints are cancelled, 0 are asked for, 0 run and 0 were done
    And Shopify holds no fulfillment

  Scenario: An order is cancelled here and in Shopify
    Given "FORK" is printed from "fork"
    And the printers stand still
    And a customer buys and pays 1 × "FORK"
    And the order's production status becomes "PROCESSING"
    When the operator cancels the order here and in Shopify
    Then the answer is 200, and the order is cancelled
    And the order is cancelled in Shopify

  Scenario: Prints that run already are the operator's decision
    Given "KNIFE" is printed from "blade"
    And the printers stand still
    And a customer buys and pays 2 × "KNIFE"
    And the order's production status becomes "PROCESSING"
    And all its prints are on printers that stand still
    When the operator cancels the order because "Wrong colour."
    Then the answer is 200, and the order is cancelled
    And the operator gets a mail about the order that names "the order is cancelled"
    And the order waits for a person: "Stop it, or let it finish."
    When the operator stops one of the prints and lets the other finish
    And the printers go on
    Then asked again, 1 print is cancelled, 0 are asked for, 0 run and 1 was done
    And the order waits for nobody any more
    And Shopify holds no fulfillment

  Scenario: What Shopify refuses to cancel is told
    Given "BOARD" is printed from "board"
    And the printers stand still
    And Shopify refuses to cancel orders: "Cannot cancel an order that has outstanding fulfillments"
    And a customer buys and pays 1 × "BOARD"
    And the order's production status becomes "PROCESSING"
    When the operator cancels the order here and in Shopify
    Then the operator gets a mail about the order that names "outstanding fulfillments"
    And the order's production status becomes "CANCELLED"

  Scenario: An order that is fulfilled cannot be cancelled
    Given "BOTTLE" is printed from "bottle"
    And a customer buys and pays 1 × "BOTTLE"
    And the order is fulfilled
    When the operator cancels the order because "Too late."
    Then the answer is 409, "cancellation-not-allowed"
    And Shopify holds one fulfillment, of 1 × "BOTTLE"

  Scenario: An order that does not exist cannot be cancelled
    When the operator cancels an order that does not exist
    Then the answer is 404, "order-not-found"

@api @critical
Feature: A paid order is fulfilled with nobody touching it
  When every print of an order is complete, its fulfillment is made in Shopify, and Shopify tells the customer. A person can do
  it by hand where it is needed.

  @smoke
  Scenario: From paid to fulfilled
    Given "PLANTER" is printed from "pot" and "foot"
    When a customer buys and pays 2 × "PLANTER"
    Then the order has 4 prints, all completed
    And Shopify holds one fulfillment, of 2 × "PLANTER"
    And Shopify has told the customer
    And the order is complete here, and its timeline tells once that it was ready and once that it was fulfilled

  @smoke
  Scenario: Fulfilling by hand when Shopify had refused
    Given "LAMP" is printed from "shade"
    And Shopify refuses fulfillments for good: "Fulfillment order does not exist."
    When a customer buys and pays 1 × "LAMP"
    Then the order's production status becomes "FAILED"
    And the operator gets a mail about the order that names "Fulfillment order does not exist."
    And Shopify holds no fulfillment
    When the cause is gone
    And the operator fulfills the order by hand
    Then the answer is 200, a success
    And Shopify holds one fulfillment, of 1 × "LAMP"
    And the order's production status becomes "COMPLETED"

  @smoke
  Scenario: The fulfillment endpoint is accessible (not 404)
    Given "VASE-TALL" is printed from "vase-tall"
    And the printers stand still
    And a customer buys and pays 1 × "VASE-TALL"
    When the operator fulfills the order by hand
    Then the fulfillment endpoint is accessible: the answer is not 404

  Scenario: An order in COMPLETED, manual fulfillment, status 200
    Given "VASE-ROUND" is printed from "vase-round"
    And a customer buys and pays 1 × "VASE-ROUND"
    And the order's production status becomes "COMPLETED"
    When the operator fulfills the order by hand
    Then the answer is 200, a success
    And Shopify holds one fulfillment, of 1 × "VASE-ROUND"

  Scenario: Fulfilling an order that is fulfilled already changes nothing
    Given "BOWL" is printed from "bowl"
    And a customer buys and pays 1 × "BOWL"
    And the order is fulfilled
    When the operator fulfills the order by hand
    Then the answer is 200, a success
    And the answer says "The order is fulfilled already."
    And Shopify holds one fulfillment, of 1 × "BOWL"

  Scenario: Forcing the fulfillment of an order that is still printed
    Given "CHAIR" is printed from "seat"
    And the printers stand still
    And a customer buys and pays 1 × "CHAIR"
    And the order's production status becomes "PROCESSING"
    When the operator forces the order's fulfillment
    Then the answer is 200, a success
    And Shopify holds one fulfillment, of 1 × "CHAIR"
    And the order's print is still in production
    When the printers go on
    Then the order has 1 print, all completed
    And Shopify holds one fulfillment, of 1 × "CHAIR"

  Scenario: An order that is not complete is not fulfilled by hand
    Given "TABLE" is printed from "top"
    And the printers stand still
    And a customer buys and pays 1 × "TABLE"
    And the order's production status becomes "PROCESSING"
    When the operator fulfills the order by hand
    Then the answer is 409, "fulfillment-not-allowed"
    And Shopify holds no fulfillment

  Scenario: An order that does not exist
    When the operator fulfills an order that does not exist
    Then the answer is 404, "order-not-found"

@api @critical
Feature: Whatever breaks, nothing is lost and nothing is done twice
  Answers get lost, shops go down, computers crash. The order is fulfilled all the same, once.

  Scenario: Shopify makes the fulfillment, and its answer is lost
    Given "CLOCK" is printed from "dial"
    And the next answer of Shopify to "fulfillmentCreate" is lost
    When a customer buys and pays 2 × "CLOCK"
    Then the order is complete here, and its timeline tells once that it was ready and once that it was fulfilled
    And Shopify holds one fulfillment, of 2 × "CLOCK"

  Scenario: SimplyPrint takes the prints, and its answer is lost
    Given "RING" is printed from "ring"
    And the next answer of SimplyPrint to "queue/AddItem" is lost
    When a customer buys and pays 2 × "RING"
    Then the order is fulfilled
    And the order has 2 prints, all completed
    And SimplyPrint has printed "ring" 2 times, and nothing of it is left to print

  Scenario: Shopify is away for a few seconds when the last print is done
    Given "FRAME" is printed from "frame"
    And the printers stand still
    And a customer buys and pays 1 × "FRAME"
    And the order's production status becomes "PROCESSING"
    When Shopify is away for 3 seconds
    And the printers go on
    Then the order is fulfilled
    And Shopify holds one fulfillment, of 1 × "FRAME"

  @own-product
  Scenario: The computer's power goes while Shopify makes the fulfillment
    Given a product of my own that runs
    And "MASK" is printed from "mask"
    And the next answer of Shopify to "fulfillmentCreate" is lost
    And a customer buys and pays 1 × "MASK"
    And Shopify has made the fulfillment
    When the API's process is killed
    Then the terminal says "The api ended unexpectedly (SIGKILL)"
    And it ends with a failure
    And everything that it started is gone
    When I run "npm start" again
    Then the order is complete here, and its timeline tells once that it was ready and once that it was fulfilled
    And Shopify holds one fulfillment, of 1 × "MASK"

  @own-product
  Scenario: The whole start is killed, and the next one takes over what it left running
    Given a product of my own that runs
    And "COMB" is printed from "comb"
    And the printers stand still
    And a customer buys and pays 1 × "COMB"
    And the order's production status becomes "PROCESSING"
    When the start itself is killed
    And I run "npm start" again
    Then the terminal says "✓ Ended what an earlier start left running: sandbox, api"
    And the terminal says "✓ PostgreSQL: found running on port"
    And the order is fulfilled
    And Shopify holds one fulfillment, of 1 × "COMB"
    When I press Ctrl-C
    Then everything that it started is gone

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

  @smoke
  Scenario: A fulfillment that failed for good is tried again from the retry queue
    Given "CHEST" is printed from "chest"
    And Shopify refuses fulfillments for good: "Fulfillment order is closed."
    When a customer buys and pays 1 × "CHEST"
    Then the order's production status becomes "FAILED"
    And its "FULFILLMENT" stands in the retry queue as failed, with "Fulfillment order is closed."
    And the task tells what it is about, and of each attempt when it was, how long it took and how it ended
    And the order needs a person, who is told which calls help
    When the cause is gone
    And the operator has the task tried again
    Then the answer is 200, a task that is "PENDING"
    And the order is fulfilled
    And Shopify holds one fulfillment, of 1 × "CHEST"
    And the order waits for nobody any more
    When the operator has the task tried again
    Then the answer is 409, "conflict"

  Scenario: Work that will never be done is discarded
    Given "DESK" is printed from "desk"
    And Shopify refuses fulfillments for good: "Fulfillment order is closed."
    When a customer buys and pays 1 × "DESK"
    Then the order's production status becomes "FAILED"
    And its "FULFILLMENT" stands in the retry queue as failed, with "Fulfillment order is closed."
    When the operator discards the task
    Then the answer is 200, a task that is "DISCARDED"
    And Shopify holds no fulfillment
    When the operator discards the task
    Then the answer is 409, "conflict"

  Scenario: All prints that SimplyPrint refused are tried again at once
    Given "SHELF" is printed from "board" and "bracket"
    And SimplyPrint refuses to take prints
    When a customer buys and pays 1 × "SHELF"
    Then the order's production status becomes "FAILED"
    And its "PRINT_JOB_CREATION" stands in the retry queue as failed, with "422"
    When the cause is gone
    And the operator has all failed "PRINT_JOB_CREATION" tried again
    Then the answer is 200, with 2 tasks tried again, one after the other
    And the order is fulfilled
    And the order waits for nobody any more

  @smoke
  Scenario: The retry queue in figures, and a filter that does not exist
    When the operator looks at the retry queue in figures
    Then the answer is 200, the queue in figures
    When the operator lists the tasks of a type that does not exist
    Then the answer is 422, "invalid"
    When the operator looks at a task that does not exist
    Then the answer is 404, "task-not-found"

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

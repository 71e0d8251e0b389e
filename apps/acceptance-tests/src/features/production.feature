@api
Feature: What is sold is printed
  A product mapping says from which files a product is printed. Where that is not known, or a print fails, the product goes on as
  far as it can, and then asks a person.

  @critical
  Scenario: An unknown product waits, and goes on when somebody says what it is printed from
    Given a customer buys and pays 3 × "VASE"
    Then the order waits for a person: "VASE has no product mapping"
    And "VASE" stands in the inbox of unmapped products
    And nothing of the order is printed
    When somebody maps "VASE" to the file "vase", of which 2 pieces come off one print
    Then the order has 2 prints, all completed
    And the order is fulfilled
    And the order waits for nobody, and "VASE" is out of the inbox

  @critical
  Scenario: A print that fails is printed again, once
    Given "HOOK" is printed from "hook"
    And the next print fails
    When a customer buys and pays 2 × "HOOK"
    Then the order is fulfilled
    And 2 of its prints are completed and 1 failed, which was printed again
    And Shopify holds one fulfillment, of 2 × "HOOK"

  Scenario: A print that fails again is left to the operator, whose retry completes the order
    Given "TRAY" is printed from "tray"
    And the next 2 prints fail
    When a customer buys and pays 1 × "TRAY"
    Then the order's production status becomes "FAILED"
    And the order waits for a person: "Retry it, or force its status."
    When the operator retries the print that failed last
    Then the answer is 200, a new print of the same part
    And the order is fulfilled
    When the operator retries the same print again
    Then the answer is 409, "conflict"

  Scenario: Prints can be looked at, all of an order and each by itself
    Given "STOOL" is printed from "leg"
    And the printers take their time
    When a customer buys and pays 2 × "STOOL"
    Then the order has 2 prints, each on a printer
    When the printers go on
    Then the order has 2 prints, all completed
    And each of its prints tells its file, its printer and when it began and ended
    And a print that does not exist is answered 404, "print-job-not-found"

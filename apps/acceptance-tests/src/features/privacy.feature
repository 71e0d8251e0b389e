@api
Feature: Customers may have their data, and may have them gone
  Shopify passes on what customers ask of the shop. A person answers who asks for their data; what must go, goes by itself and is
  found nowhere afterwards, while every figure stays.

  @smoke @critical
  Scenario: A customer has their data redacted
    Given "VESSEL" is printed from "vessel"
    And "Ottilie Maring" buys and pays 1 × "VESSEL", with the note "For my neighbour Balthasar"
    And the order is fulfilled
    When Shopify passes on that the customer wants to be forgotten
    Then the request is done, and 1 order was redacted
    And nothing that the API answers of the order names "Ottilie", "Maring" or "Balthasar"
    And the order is complete here, and its timeline tells once that it was ready and once that it was fulfilled

  @critical
  Scenario: A customer asks for their data
    Given "Leopold Anschütz" buys and pays 1 × "PRIVACY-UNMAPPED", with the note "Gift wrap"
    And the order waits for a person: "PRIVACY-UNMAPPED"
    When Shopify passes on that the customer wants their data
    Then the operator is told that a customer asks for their data, in words that name nobody
    And the export holds the order, "Leopold Anschütz" and "Gift wrap"
    When the operator says that the customer has them
    Then nobody is told any more that a customer waits for their data

@browser
Feature: People can look at it in a browser

  @smoke
  Scenario: The API describes itself
    When I open the API's documentation
    Then I see the groups:
      | Orders | Product mappings | Production | Fulfillments | Attention | Retry queue | Webhooks | Operations |
    And I can open "POST /api/v1/fulfillments/order/{orderId}" and read "Fulfill an order that is complete, or give its tracking number to Shopify"
    And the browser has nothing to complain of

  Scenario: The sandbox shows its shop and its farm
    When I open the sandbox's page
    Then I see order "#1001", paid and fulfilled
    And I see the printers
    When I press "Order a desk dragon"
    Then I see one order more
    And the browser has nothing to complain of

@api @critical
Feature: We notice when the shop stops talking to us
  Shopify deletes webhook subscriptions that it could not deliver to, and forgets all of them when the app is uninstalled. Both are
  noticed, told, and put right; no order is lost by either.

  @own-product
  Scenario: Subscriptions are lost, the app is uninstalled, and installed again
    Given a product of my own that runs
    And "LINTEL" is printed from "lintel"
    When Shopify drops our webhook subscriptions
    And a customer buys and pays 1 × "LINTEL"
    And the operator has the installation looked at
    Then the operator gets a mail "Webhook Subscription Lost"
    And every subscription is there again
    And the order is fulfilled
    When the app is uninstalled from the shop
    Then the operator gets a mail "Shop Uninstalled"
    And the installation is shown as uninstalled, with what to do
    When the app is installed again
    And a customer buys and pays 1 × "LINTEL"
    And the operator has the installation looked at until it is installed
    Then every subscription is there again
    And the order is fulfilled

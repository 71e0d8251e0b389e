@smoke @critical
Feature: The first order comes by itself
  Somebody who wants to see what the product does types one command, without any account, and watches an order travel from
  paid to fulfilled.

  @own-product
  Scenario: One command, and an order is printed and fulfilled in front of you; it is still there tomorrow
    Given a computer on which nothing is configured
    When I run "npm start"
    Then the terminal tells, one after the other:
      | ✓ PostgreSQL: running on port                           |
      | ✓ Sandbox: simulated Shopify, SimplyPrint, mailbox      |
      | ✓ API                                                   |
      | a customer buys 2 × DRAGON-L and 1 × CLIP-10 and pays   |
      | Shopify's webhook has arrived: order #1001 is recorded  |
      | it is paid: production may start                        |
      | put into SimplyPrint's queue                            |
      | 4 of 4 prints complete                                  |
      | every print is complete: ready for fulfillment          |
      | the fulfillment is created in Shopify                   |
      | Shopify says FULFILLED, and has told the customer       |
      | What to try next                                        |
      | Your bearer token                                       |
    And Shopify holds one order, "#1001", fulfilled once
    When I press Ctrl-C
    Then everything that it started is gone
    When I run "npm start" again
    Then the terminal says "Still there from before: 1 order (production: 1 completed)."
    And the terminal does not say "A first order"
    And Shopify holds one order, "#1001", fulfilled once
    And order "#1001" is listed here, with its way from paid to fulfilled
    And these products are still mapped:
      | DRAGON-L | CLIP-10 | GIFT-25 |

  Scenario: A second start of the same clone refuses, and the first goes on
    Given the product runs
    When I run "npm start" a second time for the same data
    Then the terminal says "Forma3D Connect already runs from this folder"
    And it ends with a failure
    And the product still answers

  @own-product
  Scenario Outline: A port that somebody else has is named, and nothing is left running
    Given another program has the port of <setting>
    When I run "npm start"
    Then the terminal names <setting> and its port
    And it ends with a failure
    And everything that it started is gone
    And no database was made

    Examples:
      | setting           |
      | PORT              |
      | SANDBOX_SMTP_PORT |

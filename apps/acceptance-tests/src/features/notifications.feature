@api
Feature: People are told of what needs them
  What needs a person is mailed to the operator, in the way of nothing else. Many alerts of one kind within a while are one mail
  with their number, and a mail server that is away loses none.

  @smoke @critical
  Scenario: An order that waits for a mapping is told of
    When a customer buys and pays 1 × "NOTIFY-UNMAPPED"
    Then the operator gets a mail about the order that names "NOTIFY-UNMAPPED"
    And the mail has a button that leads to the order

  @critical
  Scenario: Many alerts of one kind are few mails that tell of them all
    When customers buy 12 products that nobody has mapped
    Then the operator is told of each of them once, in at most 6 mails

  Scenario: A mail server that is away for a while loses no mail
    Given the mail server is away
    When customers buy 3 products that nobody has mapped
    Then mails fail, and are tried again
    And the operator is told of none of them
    When the cause is gone
    Then the operator is told of each of them once, in at most 3 mails

  @smoke
  Scenario: A chat and a signed webhook of one's own
    Given a chat and a program that listen
    When the operator chooses them for alerts
    Then the answer shows where they are, but neither their addresses nor the secret
    When the operator asks for a test
    Then the chat is told in a text, and the program in JSON with a signature that holds

  Scenario: An address that is none
    When the operator chooses "ftp://example.com/" for a chat
    Then the answer is 422, "invalid"

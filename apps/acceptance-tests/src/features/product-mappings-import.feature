@api
Feature: A whole catalogue is mapped by a file
  Who sells thousands of products keeps their mappings in a spreadsheet: it is told line by line what a file would do, and then all of
  it is done, or nothing.

  @smoke @critical
  Scenario: A file maps what orders wait for, and they go on
    Given a customer buys and pays 2 × "CSV-BENCH"
    And the order waits for a person: "CSV-BENCH has no product mapping"
    When the operator tries a file of mappings:
      | sku        | title        | kind | part | file_id                          | copies_per_unit |
      | CSV-BENCH  | Bench; small |      | leg  | c00489ef361771ac098b5a60e6740757 | 2               |
      | CSV-BENCH  |              |      | seat | 1a077dd6296417fe75555bf806b68089 |                 |
      | CSV-GIFT   | Gift card    | none |      |                                  |                 |
    Then it is told to "create, create, create", and "CSV-BENCH" is not mapped
    When the operator imports the file
    Then it is told to "create, create, create", and "CSV-BENCH" is mapped
    And the order has 6 prints, all completed
    And the order is fulfilled
    When the operator imports the file
    Then it is told to "unchanged, unchanged, unchanged", and "CSV-BENCH" is mapped

  @critical
  Scenario: A file with one wrong line changes nothing, and the line is named
    When the operator tries a file of mappings:
      | sku       | kind | part | file_id |
      | CSV-RIGHT | none |      |         |
      | CSV-WRONG |      | pot  | pot.stl |
    Then it is told to "create, error", and "CSV-RIGHT" is not mapped
    And it is told that line 3 is wrong in "file_id"
    When the operator imports the file
    Then the answer is 422, "invalid"
    And "CSV-RIGHT" is not mapped

  Scenario: What was exported is imported as unchanged
    Given "=CSV-ODD" is printed from "-odd;part"
    When the operator exports all mappings for a European spreadsheet, and imports them
    Then every line of it is unchanged

  Scenario: An unmapped SKU is told what it looks like, and mapped to the same parts
    Given "CSV-STAND" is printed from "stand"
    When a customer buys and pays 1 × "csv_stand-blk"
    Then "csv_stand-blk" stands in the inbox of unmapped products, suggested "CSV-STAND": "the same but for the suffix -blk"
    When the operator copies what was suggested for "csv_stand-blk"
    Then the order is fulfilled

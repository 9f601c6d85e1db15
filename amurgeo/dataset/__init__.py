"""The dataset: tables read by a schema, checked by name, each value with its source."""

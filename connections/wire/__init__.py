"""What the API, Show as code, errors and the JSON format all call things."""

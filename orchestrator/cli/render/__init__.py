"""What commands show: for people on a terminal, and for programs as JSON, SARIF or annotations."""

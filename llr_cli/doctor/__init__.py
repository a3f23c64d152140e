"""`llr doctor`: one file for each group of checks. They read, ask and look; none of them changes anything."""

"""Small and unsurprising makers of test rows; traits for roles and stages."""

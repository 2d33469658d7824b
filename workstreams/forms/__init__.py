"""Forms of the plan, of readiness and of the wizard that opens a programme."""

"""Write the parts of the documents that follow from tables in the code."""

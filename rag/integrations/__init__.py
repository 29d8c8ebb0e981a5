"""Retrievers for LangChain, LlamaIndex and Haystack.

Each module needs its framework, an extra of the same name: pip install 'quoth[langchain]'. Nothing
else in Quoth imports them.
"""

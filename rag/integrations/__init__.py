"""Retrievers for the frameworks that others build with: LangChain, LlamaIndex and Haystack.

Each module needs its framework, an extra of the same name: pip install 'quoth[langchain]'. Nothing
else of Quoth imports them.
"""

"""Extensions of Rasa itself: NLU components, stores, the message processor and the patch file."""

"""The flow itself: interstitial, one-time state, callback, exchange and discovery."""

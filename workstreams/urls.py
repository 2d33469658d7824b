from django.urls import URLPattern

app_name = "workstreams"
urlpatterns: list[URLPattern] = []

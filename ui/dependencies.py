"""What FastAPI hands to the routes of a server: its service, kept in the application's state."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from ui.service import Service


def provide(app: FastAPI, service: Service) -> None:
    """Hand `service` to the routes of an application."""
    app.state.service = service


def service_of(request: Request) -> Service:
    """Return the service of the application that serves a request."""
    service: Service = request.app.state.service
    return service


async def _service(request: Request) -> Service:  # async: FastAPI runs others in a thread
    return service_of(request)


InService = Annotated[Service, Depends(_service)]

"""FastAPI with SQLAlchemy, as in https://fastapi.tiangolo.com/tutorial and SQLAlchemy's asyncio documentation."""

import os
from datetime import datetime, timezone
from typing import List

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Column, DateTime, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import declarative_base, sessionmaker

MAX_BADGES = 1000

url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://")
engine = create_async_engine(url, pool_size=10, max_overflow=0)
Session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
Base = declarative_base()
app = FastAPI()


class AuthUser(Base):
    __tablename__ = "auth_users"
    id = Column(Text, primary_key=True)


class Badge(Base):
    __tablename__ = "badges"
    id = Column(BigInteger, primary_key=True)
    name = Column(Text, nullable=False)
    description = Column(Text, nullable=False)
    icon_url = Column(Text, nullable=False)
    date_achieved = Column(DateTime(timezone=True), nullable=False)
    auth_user_id = Column(Text, nullable=False)


def rfc3339(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class BadgeOut(BaseModel):
    id: int
    name: str
    description: str
    icon_url: str
    date_achieved: datetime
    auth_user_id: str

    class Config:
        orm_mode = True
        json_encoders = {datetime: rfc3339}


class BadgeIn(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    description: str = Field(min_length=1, max_length=500)
    icon_url: str = Field(min_length=1, max_length=500)


async def session():
    async with Session() as opened:
        yield opened


@app.get("/users/{user_id}/badges", response_model=List[BadgeOut])
async def list_badges(user_id: str, db: AsyncSession = Depends(session)):
    newest_first = select(Badge).where(Badge.auth_user_id == user_id)
    result = await db.execute(newest_first.order_by(Badge.date_achieved.desc(), Badge.id.desc()))
    return result.scalars().all()


@app.post("/users/{user_id}/badges", response_model=BadgeOut)
async def create_badge(user_id: str, body: BadgeIn, db: AsyncSession = Depends(session)):
    await db.execute(select(AuthUser.id).where(AuthUser.id == user_id).with_for_update())
    owned = await db.scalar(select(func.count()).select_from(Badge).where(Badge.auth_user_id == user_id))
    if owned >= MAX_BADGES:
        raise HTTPException(400, f"Maximum number of badges ({MAX_BADGES}) reached")
    badge = Badge(**body.dict(), auth_user_id=user_id, date_achieved=datetime.now(timezone.utc))
    db.add(badge)
    await db.commit()
    return badge


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")

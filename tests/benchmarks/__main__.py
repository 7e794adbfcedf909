"""`make bench`: every measurement, one after the other."""

import asyncio

from tests.benchmarks import engine_speed, hot_path, index_speed, wechat_load

if __name__ == "__main__":
    engine_speed.main()
    index_speed.main([])
    asyncio.run(hot_path.measure())
    asyncio.run(wechat_load.measure())

// Generated from services/api/openapi.json by `npm run client`: do not change it by hand.

export interface paths {
    "/user/signup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for an account
         * @description An administrator has to approve it before its owner can log in.
         */
        post: operations["signUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log in */
        post: operations["logIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get new tokens
         * @description A refresh token works once; used a second time, it ends its session.
         */
        post: operations["refreshSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End all of your sessions */
        post: operations["logOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/password-forgotten": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a token to set a new password
         * @description It is mailed to the account, if there is one. The answer is the same if there is none.
         */
        post: operations["forgetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set a password with an administrator's token
         * @description Ends every session of the user. A password that is refused does not use the token up.
         */
        post: operations["redeemPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Approve, reject or change a user
         * @description `reason` goes with `status`. Nobody reviews his own account, and one administrator has to remain.
         */
        patch: operations["changeUser"];
        trace?: never;
    };
    "/v1/users/{id}/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a token for a new password
         * @description The administrator hands it on; the user redeems it. A newer one takes its place.
         */
        post: operations["issuePasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read your profile */
        get: operations["readMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change your profile
         * @description `onAmbiguous` holds for messages that do not say it themselves.
         */
        patch: operations["changeMe"];
        trace?: never;
    };
    "/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your password
         * @description All sessions end, that of the caller too; the answer holds the tokens of a new one.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your sessions
         * @description Newest first.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one of your sessions
         * @description Access tokens of all of them end with it; the others renew theirs with their refresh tokens.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your API keys
         * @description Newest first. One that is over stays for 30 days.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make an API key
         * @description It acts for you, and never beyond your role. It goes where an access token goes.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API key */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your instances, and those that are shared with you
         * @description `state` is the last known; the live one is shown of one instance.
         */
        get: operations["listInstances"];
        put?: never;
        /**
         * Make an instance
         * @description Makes it in Evolution API, too. An administrator may register one that exists there, with `adopt`, for himself or for the account of `ownerEmail`.
         */
        post: operations["createInstance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an instance
         * @description With its live state, and what holds it.
         */
        get: operations["readInstance"];
        put?: never;
        post?: never;
        /**
         * Delete an instance
         * @description At Evolution API, too, unless `keepInEvolution` is `true`. What waits for it ends as `failed`.
         */
        delete: operations["removeInstance"];
        options?: never;
        head?: never;
        /**
         * Change the settings of an instance
         * @description `pace` and `retry` are each replaced as a whole; `null` goes back to the default of the installation. `number` is what the next pairing code is for; `null`: none is given. What is not named stays. `evolutionKey` is for administrators.
         */
        patch: operations["changeInstance"];
        trace?: never;
    };
    "/v1/instances/{name}/connect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Connect a phone
         * @description Starts the login. Other forms than JSON are had by `format`, or by `Accept`.
         */
        post: operations["connectInstance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}/connect/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow how a phone is connected
         * @description Starts the login and tells each step as server-sent events: `state`, `qr`, `trouble`, and at last `end`.
         */
        get: operations["followConnection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}/owner": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give an instance to another account
         * @description Its phone stays connected and its settings stay. The account must be approved.
         */
        post: operations["changeInstanceOwner"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}/manager": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Take an instance over, or give it back to its owner
         * @description The Kubernetes operator takes it over, with `kubernetes`. It, or an administrator, gives it back, with `null`.
         */
        put: operations["changeInstanceManager"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Connect anew with the login there is */
        post: operations["restartInstance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the phone away
         * @description The instance stays, and what waits for it waits on.
         */
        post: operations["logOutInstance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List with whom an instance is shared
         * @description For its owner and administrators. All at once.
         */
        get: operations["listShares"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name}/shares/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Let another user use an instance
         * @description For its owner and administrators. `user` is an e-mail, or the id of somebody whom it is shared with; administrators name anybody by either.
         */
        put: operations["shareInstance"];
        post?: never;
        /**
         * Let a user not use an instance any more
         * @description For its owner and administrators. What waits of him is not sent.
         */
        delete: operations["unshareInstance"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask which numbers are on WhatsApp
         * @description Through an instance that is connected. Each number is answered once, in the order given.
         */
        post: operations["checkNumbers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your messages
         * @description Newest first. All filters that are given must hold. A page may be shorter than `limit` and still have a `next`.
         */
        get: operations["listMessages"];
        put?: never;
        /**
         * Send a message
         * @description After 202 it is not lost: it ends in a status that says what became of it. Give every message an `Idempotency-Key` of yours, and repeat whatever was not answered with 202 or 4xx.
         */
        post: operations["sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel many messages that wait
         * @description Up to 10,000 at a time. A body must name which, or say `"all": true`.
         */
        post: operations["cancelMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a message
         * @description Its whole life: status, attempts, receipts, and what it waits for.
         */
        get: operations["readMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change when a message that waits is sent
         * @description `sendAt: null` means as soon as possible, `expiresAt: null` never expiring.
         */
        patch: operations["rescheduleMessage"];
        trace?: never;
    };
    "/v1/messages/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a message that waits
         * @description It is `cancelled`, or `unknown` when an earlier attempt may have sent it. Repeating it is safe.
         */
        post: operations["cancelMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send up to 500 messages in one call
         * @description They are judged one by one. A row takes the fields of a single message, and `variables` for the `template`; what the batch says for all may be left out. Look at `counts`: some rows may not have been accepted.
         */
        post: operations["sendBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your files
         * @description Newest first.
         */
        get: operations["listMedia"];
        put?: never;
        /**
         * Upload a file for messages
         * @description One part, `file`. `kind` says what it is for, so that it is refused now if it is not fit.
         */
        post: operations["uploadMedia"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what a file is */
        get: operations["readMedia"];
        put?: never;
        post?: never;
        /** Remove a file */
        delete: operations["removeMedia"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the bytes of a file
         * @description As an attachment, of the type that they are.
         */
        get: operations["readMediaContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your campaigns
         * @description Newest first.
         */
        get: operations["listCampaigns"];
        put?: never;
        /**
         * Begin a campaign
         * @description One message to each row of a file, which is uploaded next. What it says holds for all rows.
         */
        post: operations["createCampaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a campaign
         * @description With its progress, which is `null` when it cannot be counted in time.
         */
        get: operations["readCampaign"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Upload the rows of a campaign
         * @description CSV, or `application/x-ndjson`; up to 1,000,000 rows. With `dryRun` they are judged and not kept.
         */
        put: operations["uploadCampaignRows"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/faults": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what is wrong in the rows
         * @description By their lines.
         */
        get: operations["listCampaignFaults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a campaign
         * @description Rows become messages from now on.
         */
        post: operations["startCampaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a campaign
         * @description Messages that wait are held.
         */
        post: operations["pauseCampaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with a campaign
         * @description What was held goes on.
         */
        post: operations["resumeCampaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a campaign
         * @description Ends it, and takes back what waits.
         */
        post: operations["cancelCampaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow what happens to your messages and instances
         * @description Server-sent events, from now on or from `Last-Event-ID`. For users with a feed.
         */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow what happens to a message
         * @description Server-sent events, from its first event on or from `Last-Event-ID`. For users with a feed.
         */
        get: operations["followMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what ended and asks for a person
         * @description Newest first. An administrator or operator sees everybody's, or those of one `user`.
         */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send many once more
         * @description Up to 10,000 at a time. A body must name which, or say `"all": true`.
         */
        post: operations["replayDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take many off the list
         * @description Up to 10,000 at a time. A body must name which, or say `"all": true`.
         */
        post: operations["discardDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a dead letter
         * @description All of it, with its attempts.
         */
        get: operations["readDeadLetter"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one once more
         * @description With a new allowance of attempts. One whose time is over needs a new one: `expiresAt`, `ttlSeconds`, or `expiresAt: null` for none. One in `unknown` may have arrived, and may then arrive twice.
         */
        post: operations["replayDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take one off the list
         * @description For good. Its `Idempotency-Key` still answers with it until its age removes it.
         */
        post: operations["discardDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your operations
         * @description Newest first. Each is there for 30 days after its end.
         */
        get: operations["listOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how far an operation has come */
        get: operations["readOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List whom you send nothing to
         * @description Newest first.
         */
        get: operations["listSuppressions"];
        put?: never;
        /**
         * Put many numbers on the list
         * @description Numbers that are faulty are named, and the others are listed.
         */
        post: operations["importSuppressions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read why a number is on the list */
        get: operations["readSuppression"];
        /** Put a number on the list */
        put: operations["addSuppression"];
        post?: never;
        /**
         * Take a number off the list
         * @description Only if its holder agrees.
         */
        delete: operations["removeSuppression"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your webhooks
         * @description All at once.
         */
        get: operations["listWebhooks"];
        put?: never;
        /** Have events posted to an address */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a webhook */
        get: operations["readWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description With its deliveries.
         */
        delete: operations["removeWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook
         * @description `null` goes back to the default; what is not named stays.
         */
        patch: operations["changeWebhook"];
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret
         * @description Both sign until `formerUntil`.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/ping": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Post a test event */
        post: operations["pingWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was posted
         * @description Newest first, with each attempt.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries/{delivery}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Post one again
         * @description Under the same `webhook-id`, with all its retries.
         */
        post: operations["replayDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/persons/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export all that you keep of a person
         * @description A JSON text on each line; the last one is of `kind` `end` and counts the others.
         */
        post: operations["exportPerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/persons/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase all that you keep of a person
         * @description Done step by step. His entry on the suppression list stays unless `suppressions` is `erase`.
         */
        post: operations["erasePerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/persons/erasures/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how far an erasure has come */
        get: operations["readErasure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/persons/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export all that anybody here keeps of a person
         * @description A JSON text on each line; the last one is of `kind` `end` and counts the others.
         */
        post: operations["exportPersonAnywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/persons/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase all that anybody here keeps of a person
         * @description Done step by step. His entry on the suppression list stays unless `suppressions` is `erase`.
         */
        post: operations["erasePersonAnywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/persons/erasures/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how far an erasure has come */
        get: operations["readErasureAnywhere"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count your messages by day and instance
         * @description Newest day first; left out, `from` and `until` are the last 30 days.
         */
        get: operations["listUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count the messages of all users */
        get: operations["listUsageOfAll"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how the installation does */
        get: operations["readOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how long things are kept */
        get: operations["readRetention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/evolution-servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Evolution servers
         * @description The one of the environment first. There are 51 at most, so there are no pages and no `next`.
         */
        get: operations["listEvolutionServers"];
        put?: never;
        /**
         * Add an Evolution server
         * @description Its key is never shown again.
         */
        post: operations["createEvolutionServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/evolution-servers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an Evolution server */
        get: operations["readEvolutionServer"];
        put?: never;
        post?: never;
        /**
         * Remove an Evolution server
         * @description Only one without instances, which is not the default.
         */
        delete: operations["removeEvolutionServer"];
        options?: never;
        head?: never;
        /**
         * Change an Evolution server
         * @description A server stops being the default when another one becomes it.
         */
        patch: operations["changeEvolutionServer"];
        trace?: never;
    };
    "/v1/admin/evolution-servers/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask an Evolution server how it is
         * @description Now: its version, and whether it takes our key.
         */
        post: operations["checkEvolutionServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the audit log
         * @description Who did what to what, newest first.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/undecodable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List records that could not become messages
         * @description Newest first.
         */
        get: operations["listUndecodable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/undecodable/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one with its bytes */
        get: operations["readUndecodable"];
        put?: never;
        post?: never;
        /** Discard one */
        delete: operations["discardUndecodable"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whatsappsender/message": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a text, as the older system's clients do */
        post: operations["legacySendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whatsappsender/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make and connect an instance, as the older system's clients do */
        post: operations["legacyConnectInstance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this is */
        get: operations["readHome"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read this document */
        get: operations["readOpenApiDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read this document as a page */
        get: operations["readDocsPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a file of the page */
        get: operations["readDocsFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/errors/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read about an error
         * @description What the `type` of a problem leads to: when it is answered, and what to do.
         */
        get: operations["showErrorPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/evolution/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an event of Evolution API
         * @description Its webhook for receipts and connections, with the secret of the instance. Nobody else has a use for it.
         */
        post: operations["receiveEvolutionEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "message.scheduled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It waits for its time. */
        post: operations["message.scheduled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.queued": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It is in the ledger, and waits for its turn. */
        post: operations["message.queued"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.retrying": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An attempt failed; the next is made at `nextAttemptAt`. */
        post: operations["message.retrying"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.sent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Evolution API took it. */
        post: operations["message.sent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.delivered": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The phone of the recipient has it. */
        post: operations["message.delivered"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The recipient has read it. */
        post: operations["message.read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It can never be sent; `reason` says why. */
        post: operations["message.failed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.dead-lettered": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Its attempts are used up. */
        post: operations["message.dead-lettered"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.unknown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It may have been sent, and is not sent again. */
        post: operations["message.unknown"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.cancelled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It was taken back before it was sent. */
        post: operations["message.cancelled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.expired": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Its time was over before it could be sent. */
        post: operations["message.expired"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.stuck": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It was sent long ago, and no receipt has come. */
        post: operations["message.stuck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "message.conflict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Another message came under the same idempotency key, and was not taken. */
        post: operations["message.conflict"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "instance.connected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It can be sent through, and could not before. */
        post: operations["instance.connected"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "instance.disconnected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It cannot be sent through any more; its messages wait. */
        post: operations["instance.disconnected"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "qr.needed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It has no login: connect a phone. */
        post: operations["qr.needed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description By its `type`; without one it is a text. */
        NewMessage: components["schemas"]["NewTextMessage"] | components["schemas"]["NewImageMessage"] | components["schemas"]["NewVideoMessage"] | components["schemas"]["NewDocumentMessage"] | components["schemas"]["NewAudioMessage"] | components["schemas"]["NewVoiceMessage"] | components["schemas"]["NewStickerMessage"] | components["schemas"]["NewRoundVideoMessage"] | components["schemas"]["NewLocationMessage"] | components["schemas"]["NewContactsMessage"] | components["schemas"]["NewReactionMessage"] | components["schemas"]["NewPollMessage"] | components["schemas"]["NewListMessage"] | components["schemas"]["NewButtonsMessage"] | components["schemas"]["NewTemplateMessage"];
        NewTextMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /**
             * @default text
             * @constant
             */
            type?: "text";
            text: string;
            linkPreview?: boolean;
            mentions?: "everyone" | string[];
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewImageMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "image";
            /** @description Just one of `url`, `id` and `base64`. */
            media: {
                /** @description An https address in the public internet. */
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                /** @description A small file itself. */
                base64?: string;
                mimetype?: string;
                fileName?: string;
            };
            caption?: string;
            mentions?: "everyone" | string[];
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewVideoMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "video";
            /** @description Just one of `url`, `id` and `base64`. */
            media: {
                /** @description An https address in the public internet. */
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                /** @description A small file itself. */
                base64?: string;
                mimetype?: string;
                fileName?: string;
            };
            caption?: string;
            mentions?: "everyone" | string[];
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewDocumentMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "document";
            /** @description Just one of `url`, `id` and `base64`. */
            media: {
                /** @description An https address in the public internet. */
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                /** @description A small file itself. */
                base64?: string;
                mimetype?: string;
                fileName?: string;
            };
            caption?: string;
            mentions?: "everyone" | string[];
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewAudioMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "audio";
            /** @description Just one of `url`, `id` and `base64`. */
            media: {
                /** @description An https address in the public internet. */
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                /** @description A small file itself. */
                base64?: string;
                mimetype?: string;
                fileName?: string;
            };
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewVoiceMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "voice";
            /** @description Just one of `url`, `id` and `base64`. */
            media: {
                /** @description An https address in the public internet. */
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                /** @description A small file itself. */
                base64?: string;
                mimetype?: string;
                fileName?: string;
            };
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewStickerMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "sticker";
            /** @description Just one of `url`, `id` and `base64`. */
            media: {
                /** @description An https address in the public internet. */
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                /** @description A small file itself. */
                base64?: string;
                mimetype?: string;
                fileName?: string;
            };
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewRoundVideoMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "roundVideo";
            /** @description Just one of `url`, `id` and `base64`. */
            media: {
                /** @description An https address in the public internet. */
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                /** @description A small file itself. */
                base64?: string;
                mimetype?: string;
                fileName?: string;
            };
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewLocationMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "location";
            latitude: number;
            longitude: number;
            name?: string;
            address?: string;
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewContactsMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "contacts";
            contacts: {
                name: string;
                /** @description A phone number: E.164, or as people of the default country write it. */
                phone: string;
                organization?: string;
                /** Format: email */
                email?: string;
                url?: string;
            }[];
        };
        NewReactionMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "reaction";
            target: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
            emoji: string;
        };
        NewPollMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "poll";
            question: string;
            options: string[];
            /** @default 1 */
            selectableCount?: number;
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewListMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "list";
            title: string;
            description?: string;
            footer?: string;
            buttonText: string;
            sections: {
                title: string;
                rows: {
                    id: string;
                    title: string;
                    description?: string;
                }[];
            }[];
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewButtonsMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "buttons";
            title: string;
            description?: string;
            footer?: string;
            thumbnailUrl?: string;
            buttons: ({
                /** @constant */
                type: "reply";
                text: string;
                id: string;
            } | {
                /** @constant */
                type: "url";
                text: string;
                url: string;
            } | {
                /** @constant */
                type: "call";
                text: string;
                phone: string;
            } | {
                /** @constant */
                type: "copy";
                text: string;
                code: string;
            } | {
                /** @constant */
                type: "pix";
                name: string;
                /** @enum {string} */
                keyType: "phone" | "email" | "cpf" | "cnpj" | "random";
                key: string;
                /** @default BRL */
                currency?: string;
            })[];
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe?: boolean;
            };
        };
        NewTemplateMessage: {
            instance: string;
            /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
            to: string;
            /**
             * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
             * @enum {string}
             */
            onAmbiguous?: "resend" | "hold";
            /**
             * Format: date-time
             * @description Not before this moment; at most a year ahead.
             */
            sendAt?: string;
            /**
             * Format: date-time
             * @description Not after this moment, whatever holds it up.
             */
            expiresAt?: string;
            /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
            ttlSeconds?: number;
            /**
             * @description Which recipient's turn is next; left out: `normal`.
             * @enum {string}
             */
            priority?: "high" | "normal" | "bulk";
            /** @description `to` may be a group or a hidden number. */
            allowJid?: boolean;
            /** @description Your own name for it: echoed, and a filter of lists. */
            reference?: string;
            /** @description Your own facts: up to 20 names, echoed. */
            metadata?: {
                [key: string]: string;
            };
            /** @description It is judged as if it were sent, and nothing is queued. */
            validateOnly?: boolean;
            /** @constant */
            type: "template";
            name: string;
            language: string;
            components?: {
                /** @enum {string} */
                type: "header" | "body" | "button";
                /** @enum {string} */
                sub_type?: "quick_reply" | "url" | "copy_code";
                index?: string;
                parameters: ({
                    /** @constant */
                    type: "text";
                    text: string;
                    parameter_name?: string;
                } | {
                    /** @constant */
                    type: "payload";
                    payload: string;
                } | {
                    /** @constant */
                    type: "coupon_code";
                    coupon_code: string;
                } | {
                    /** @constant */
                    type: "currency";
                    currency: {
                        fallback_value: string;
                        code: string;
                        amount_1000: number;
                    };
                } | {
                    /** @constant */
                    type: "date_time";
                    date_time: {
                        fallback_value: string;
                    };
                } | {
                    /** @constant */
                    type: "image";
                    image: {
                        link: string;
                        filename?: string;
                    };
                } | {
                    /** @constant */
                    type: "video";
                    video: {
                        link: string;
                        filename?: string;
                    };
                } | {
                    /** @constant */
                    type: "document";
                    document: {
                        link: string;
                        filename?: string;
                    };
                })[];
            }[];
        };
        BatchCounts: {
            accepted: number;
            valid: number;
            refused: number;
            unavailable: number;
            unknown: number;
        };
        RowAnswer: {
            /** @constant */
            status: "accepted";
            /** Format: uuid */
            id: string;
            /**
             * @description It was accepted before this call.
             * @constant
             */
            replayed?: true;
        } | {
            /** @constant */
            status: "valid";
        } | {
            /**
             * @description It will never be accepted as it is.
             * @constant
             */
            status: "refused";
            code: string;
            detail: string;
            errors?: {
                /** @description As the caller wrote it; `body` is the whole of it. */
                field: string;
                message: string;
            }[];
        } | {
            /**
             * @description Certainly not accepted: send it again after a moment.
             * @constant
             */
            status: "unavailable";
            /** @enum {string} */
            code: "overloaded" | "unavailable";
        } | {
            /**
             * @description Send it again only with the same `Idempotency-Key`.
             * @constant
             */
            status: "accept-unknown";
            /** Format: uuid */
            id: string;
        };
        Tokens: {
            access_token: string;
            /** @constant */
            token_type: "Bearer";
            /** @description Seconds for which the access token works. */
            expires_in: number;
            /** @description Gives the next pair, once. */
            refresh_token: string;
        };
        User: {
            id: string;
            email: string;
            fullname: string;
            /** @enum {string} */
            status: "pending" | "approved" | "rejected";
            /** @enum {string} */
            role: "admin" | "operator" | "sender" | "viewer";
            /** Format: date-time */
            createdAt: string;
            /** @description Why the account was approved or rejected. */
            reason?: string;
            /** @description Whether events tell of the user's messages; left out: as the installation has it. */
            eventFeed?: boolean;
        };
        Me: {
            id: string;
            email: string;
            fullname: string;
            /** @enum {string} */
            role: "admin" | "operator" | "sender" | "viewer";
            /** @enum {string} */
            onAmbiguous: "resend" | "hold";
            /** @description Whether events tell of your messages; `null`: as the installation has it. */
            eventFeed: boolean | null;
            /** Format: date-time */
            createdAt: string;
        };
        Session: {
            id: string;
            /** @description Where the login came from. */
            address: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastUsedAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        ApiKey: {
            id: string;
            /** @description What the key begins with. */
            prefix: string;
            name: string;
            scopes: ("messages:send" | "messages:read" | "instances:read" | "instances:manage" | "webhooks:manage")[];
            /** @description Names of those that it is limited to; `null`: all. */
            instances: string[] | null;
            /** Format: date-time */
            createdAt: string;
            expiresAt: string | null;
            lastUsedAt: string | null;
        };
        Instance: {
            name: string;
            /** @description Id of a user. */
            owner: string;
            /**
             * @description What its owner lets you do with it; left out: it is yours.
             * @enum {string}
             */
            access?: "view" | "send" | "manage";
            /** @description As its owner said. */
            number?: string;
            /** @description Of the phone that it is connected with. Told to who manages it only. */
            connectedNumber?: string;
            /**
             * @description `sandbox`: it reaches no phone.
             * @enum {string}
             */
            kind: "whatsapp" | "sandbox";
            /** @enum {string} */
            channel: "baileys" | "business" | "evolution" | "sandbox";
            /** @description Where it is. */
            evolutionServer: string;
            /** @enum {string} */
            state: "open" | "connecting" | "close";
            /**
             * @description Evolution API could not be asked: `state` is the last known.
             * @constant
             */
            stateStale?: true;
            /**
             * Format: date-time
             * @description Since then it has had no login: connect a phone.
             */
            qrNeededAt?: string;
            pace: {
                /** @description 0: no limit. */
                perMinute: number;
                /** @description How many may leave at once after a silence. */
                burst: number;
                /** @description Between two messages, drawn anew each time. */
                gapMs?: {
                    min: number;
                    max: number;
                };
                /** @description In a calendar day of `timeZone`. */
                perDay?: number;
                /** @description Caps of the first days of a new number, one each, in place of `perDay`. */
                warmUp?: number[];
                /** @description Of IANA, such as `America/Sao_Paulo`; left out: UTC. */
                timeZone?: string;
                /** @description Nothing leaves in between, which may be past midnight. */
                quietHours?: {
                    from: string;
                    to: string;
                };
                /** @description Between two messages to the same recipient. */
                recipientGapMs?: number;
                /** @description Recipients a day that it never wrote to before. */
                newContactsPerDay?: number;
            };
            retry: {
                attemptsMax: number;
                baseMs: number;
                capMs: number;
            };
            /** @enum {string} */
            checkNumber: "never" | "first" | "always";
            paused: boolean;
            /**
             * @description Its settings and its owner are changed there, and nowhere else.
             * @enum {string}
             */
            managedBy?: "kubernetes";
            /** @description Told to who manages it only. */
            ownerEmail?: string;
            /** @description Told to who manages it only; `null`: the default of the installation holds. */
            ownSettings?: {
                pace: {
                    /** @description 0: no limit. */
                    perMinute: number;
                    /** @description How many may leave at once after a silence. */
                    burst: number;
                    /** @description Between two messages, drawn anew each time. */
                    gapMs?: {
                        min: number;
                        max: number;
                    };
                    /** @description In a calendar day of `timeZone`. */
                    perDay?: number;
                    /** @description Caps of the first days of a new number, one each, in place of `perDay`. */
                    warmUp?: number[];
                    /** @description Of IANA, such as `America/Sao_Paulo`; left out: UTC. */
                    timeZone?: string;
                    /** @description Nothing leaves in between, which may be past midnight. */
                    quietHours?: {
                        from: string;
                        to: string;
                    };
                    /** @description Between two messages to the same recipient. */
                    recipientGapMs?: number;
                    /** @description Recipients a day that it never wrote to before. */
                    newContactsPerDay?: number;
                } | null;
                retry: {
                    attemptsMax: number;
                    baseMs: number;
                    capMs: number;
                } | null;
                /** @description Changes with the key that Evolution API is shown for it. */
                evolutionKeyDigest: string;
            };
            /** @description What holds all of its messages now. */
            holding?: {
                /** @enum {string} */
                reason: "paused" | "instance" | "breaker" | "silence" | "quiet-hours" | "daily-cap";
                /**
                 * Format: date-time
                 * @description Left out where nobody can know.
                 */
                until?: string;
            };
            /** @description How much of the day's caps is used. */
            today?: {
                /** Format: date */
                day: string;
                used?: number;
                cap?: number;
                newContactsUsed?: number;
                newContactsCap?: number;
            };
            /** @description Code of why nothing can be sent through it. */
            configurationError?: string;
            /** Format: date-time */
            createdAt: string;
        };
        Connection: {
            /** @enum {string} */
            state: "open" | "connecting";
            /** @description Left out while WhatsApp has given none yet. */
            qr?: {
                code: string;
                /** @description A data URL. */
                png: string;
            };
            /** @description To type in on the phone, if the instance has its number. */
            pairingCode?: string;
        };
        Share: {
            /** @description Id of a user. */
            user: string;
            /** @description Left out when there is no such account any more. */
            email?: string;
            /**
             * @description Each includes those before it.
             * @enum {string}
             */
            access: "view" | "send" | "manage";
        };
        CheckedNumbers: {
            instance: string;
            numbers: {
                number: string;
                exists: boolean;
                /** @description WhatsApp's own id. */
                jid?: string;
            }[];
        };
        Accepted: {
            /** Format: uuid */
            id: string;
            /** @constant */
            status: "accepted";
            links: {
                self: string;
            };
        };
        ListedMessage: {
            /** Format: uuid */
            id: string;
            instance: string;
            /** @description E.164, or a JID; left out of what was erased. */
            to?: string;
            /**
             * Format: date-time
             * @description Since then nothing is kept of its recipient and content.
             */
            erased?: string;
            /**
             * Format: date-time
             * @description Since then its content is not kept.
             */
            redacted?: string;
            /** @enum {string} */
            type: "text" | "image" | "video" | "document" | "audio" | "voice" | "sticker" | "roundVideo" | "location" | "contacts" | "reaction" | "poll" | "list" | "buttons" | "template";
            /** @enum {string} */
            status: "accepted" | "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "dead-lettered" | "unknown" | "cancelled" | "expired";
            /** @description Why it ended unsent. */
            reason?: {
                /** @description Stable. */
                code: string;
                detail: string;
            };
            /**
             * @description Sent a while ago, and no receipt has come.
             * @constant
             */
            stuck?: true;
            /** @enum {string} */
            priority: "high" | "normal" | "bulk";
            reference?: string;
            metadata?: {
                [key: string]: string;
            };
            /** Format: uuid */
            batch?: string;
            /** Format: uuid */
            campaign?: string;
            /**
             * @description Why it has not left yet.
             * @enum {string}
             */
            waitingFor?: "schedule" | "pace" | "quiet-hours" | "daily-cap" | "instance" | "paused" | "campaign" | "retry" | "recipient";
            /**
             * Format: date-time
             * @description The earliest it can leave; left out where nobody can know.
             */
            expectedAt?: string;
            /** Format: date-time */
            nextAttemptAt?: string;
            /** @description WhatsApp's id. */
            providerMessageId?: string;
            /** Format: date-time */
            acceptedAt: string;
            /** Format: date-time */
            sendAt?: string;
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            sentAt?: string;
            /** Format: date-time */
            deliveredAt?: string;
            /** Format: date-time */
            readAt?: string;
            /** Format: date-time */
            playedAt?: string;
            /** Format: date-time */
            failedAt?: string;
            attemptsCount: number;
            /**
             * Format: date-time
             * @description When it came into the ledger.
             */
            createdAt: string;
        };
        BulkOperation: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "cancel" | "replay" | "discard";
            /** @enum {string} */
            status: "running" | "done" | "failed";
            /** @description Why it failed. */
            reason?: {
                code: string;
                detail: string;
            };
            /** @description Messages that it was done to so far. */
            done: number;
            /** @description Those that were found and could not be dealt with when their turn came. */
            skipped: number;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was done or failed.
             */
            doneAt?: string;
            links: {
                self: string;
            };
        };
        Message: {
            text?: string;
            linkPreview?: boolean;
            mentions?: ("everyone" | string[]) | ("everyone" | string[]);
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe: boolean;
            };
            media?: {
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                mimetype?: string;
                fileName?: string;
            };
            caption?: string;
            latitude?: number;
            longitude?: number;
            name?: string;
            address?: string;
            contacts?: {
                name: string;
                phone: string;
                organization?: string;
                /** Format: email */
                email?: string;
                url?: string;
            }[];
            target?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe: boolean;
            };
            emoji?: string;
            question?: string;
            options?: string[];
            /** @default 1 */
            selectableCount?: number;
            title?: string;
            description?: string;
            footer?: string;
            buttonText?: string;
            sections?: {
                title: string;
                rows: {
                    id: string;
                    title: string;
                    description?: string;
                }[];
            }[];
            thumbnailUrl?: string;
            buttons?: ({
                /** @constant */
                type: "reply";
                text: string;
                id: string;
            } | {
                /** @constant */
                type: "url";
                text: string;
                url: string;
            } | {
                /** @constant */
                type: "call";
                text: string;
                phone: string;
            } | {
                /** @constant */
                type: "copy";
                text: string;
                code: string;
            } | {
                /** @constant */
                type: "pix";
                name: string;
                /** @enum {string} */
                keyType: "phone" | "email" | "cpf" | "cnpj" | "random";
                key: string;
                /** @default BRL */
                currency: string;
            })[];
            language?: string;
            components?: {
                /** @enum {string} */
                type: "header" | "body" | "button";
                /** @enum {string} */
                sub_type?: "quick_reply" | "url" | "copy_code";
                index?: string;
                parameters: ({
                    /** @constant */
                    type: "text";
                    text: string;
                    parameter_name?: string;
                } | {
                    /** @constant */
                    type: "payload";
                    payload: string;
                } | {
                    /** @constant */
                    type: "coupon_code";
                    coupon_code: string;
                } | {
                    /** @constant */
                    type: "currency";
                    currency: {
                        fallback_value: string;
                        code: string;
                        amount_1000: number;
                    };
                } | {
                    /** @constant */
                    type: "date_time";
                    date_time: {
                        fallback_value: string;
                    };
                } | {
                    /** @constant */
                    type: "image";
                    image: {
                        link: string;
                        filename?: string;
                    };
                } | {
                    /** @constant */
                    type: "video";
                    video: {
                        link: string;
                        filename?: string;
                    };
                } | {
                    /** @constant */
                    type: "document";
                    document: {
                        link: string;
                        filename?: string;
                    };
                })[];
            }[];
            /** Format: uuid */
            id: string;
            instance: string;
            /** @description E.164, or a JID; left out of what was erased. */
            to?: string;
            /**
             * Format: date-time
             * @description Since then nothing is kept of its recipient and content.
             */
            erased?: string;
            /**
             * Format: date-time
             * @description Since then its content is not kept.
             */
            redacted?: string;
            /** @enum {string} */
            type: "text" | "image" | "video" | "document" | "audio" | "voice" | "sticker" | "roundVideo" | "location" | "contacts" | "reaction" | "poll" | "list" | "buttons" | "template";
            /** @enum {string} */
            status: "accepted" | "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "dead-lettered" | "unknown" | "cancelled" | "expired";
            /** @description Why it ended unsent. */
            reason?: {
                /** @description Stable. */
                code: string;
                detail: string;
            };
            /**
             * @description Sent a while ago, and no receipt has come.
             * @constant
             */
            stuck?: true;
            /** @enum {string} */
            priority: "high" | "normal" | "bulk";
            reference?: string;
            metadata?: {
                [key: string]: string;
            };
            /** Format: uuid */
            batch?: string;
            /** Format: uuid */
            campaign?: string;
            /**
             * @description Why it has not left yet.
             * @enum {string}
             */
            waitingFor?: "schedule" | "pace" | "quiet-hours" | "daily-cap" | "instance" | "paused" | "campaign" | "retry" | "recipient";
            /**
             * Format: date-time
             * @description The earliest it can leave; left out where nobody can know.
             */
            expectedAt?: string;
            /** Format: date-time */
            nextAttemptAt?: string;
            /** @description WhatsApp's id. */
            providerMessageId?: string;
            /** Format: date-time */
            acceptedAt: string;
            /** Format: date-time */
            sendAt?: string;
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            sentAt?: string;
            /** Format: date-time */
            deliveredAt?: string;
            /** Format: date-time */
            readAt?: string;
            /** Format: date-time */
            playedAt?: string;
            /** Format: date-time */
            failedAt?: string;
            /** @description Where WhatsApp sent it to, if to another address. */
            resolvedTo?: string;
            /** @description Of its trace, if it is traced. */
            traceId?: string;
            /** @enum {string} */
            onAmbiguous: "resend" | "hold";
            /** @description Of the older system. */
            labels?: {
                senderName?: string;
                receiverName?: string;
            };
            /** @description The last 20, oldest first. */
            attempts: {
                number: number;
                /** Format: date-time */
                startedAt: string;
                durationMs: number;
                /**
                 * @description `released`: ended without an answer about this message, so it is not counted.
                 * @enum {string}
                 */
                outcome: "sent" | "retry" | "failed" | "dead-lettered" | "unknown" | "released";
                error?: {
                    kind: string;
                    code: string;
                    detail: string;
                    httpStatus?: number;
                };
            }[];
            /** @description What users did to it; the last 20, oldest first. */
            actions?: {
                /** Format: date-time */
                at: string;
                /** @description Id of a user. */
                by: string;
                /** @enum {string} */
                action: "cancel" | "reschedule" | "replay" | "discard";
                /**
                 * Format: uuid
                 * @description Id of the operation that did it for him.
                 */
                operation?: string;
            }[];
            /** @description Others that came under its `Idempotency-Key` and were not taken. */
            conflicts?: {
                /** Format: date-time */
                at: string;
            }[];
        };
        BatchAnswer: {
            /** Format: uuid */
            batch: string;
            counts: components["schemas"]["BatchCounts"];
            /** @description One for each row, in their order. */
            results: components["schemas"]["RowAnswer"][];
        };
        StoredFile: {
            /** Format: uuid */
            id: string;
            /** @description As its bytes say. */
            type: string;
            size: number;
            sha256: string;
            fileName: string;
            /** @description What it can be sent as. */
            kinds: ("image" | "video" | "document" | "audio" | "voice" | "sticker" | "roundVideo")[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            links: {
                self: string;
                content: string;
            };
        };
        /** @description With what it says for all its rows, as its user wrote it. */
        Campaign: {
            /** Format: uuid */
            id: string;
            name: string;
            status: string;
            /** @description Why it ended. */
            reason?: unknown;
            rows?: {
                total: number;
                valid: number;
                faulty: number;
                /** @description Valid ones that went because their recipient was erased. */
                erased?: number;
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            startedAt?: string;
            /** Format: date-time */
            pausedAt?: string;
            /** Format: date-time */
            endedAt?: string;
            links: {
                self: string;
            };
        } & {
            [key: string]: unknown;
        };
        CampaignFault: {
            line: number;
            code: string;
            detail: string;
            errors?: {
                /** @description As the caller wrote it; `body` is the whole of it. */
                field: string;
                message: string;
            }[];
        };
        ListedDeadLetter: {
            /** Format: uuid */
            id: string;
            /** @description Whose it is. */
            user: string;
            instance: string;
            to: string;
            /** @enum {string} */
            type: "text" | "image" | "video" | "document" | "audio" | "voice" | "sticker" | "roundVideo" | "location" | "contacts" | "reaction" | "poll" | "list" | "buttons" | "template";
            /** @enum {string} */
            status: "failed" | "dead-lettered" | "unknown";
            /** @description Why it ended unsent. */
            reason?: {
                /** @description Stable. */
                code: string;
                detail: string;
            };
            attemptsCount: number;
            /** Format: date-time */
            lastAttemptAt?: string;
            reference?: string;
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            acceptedAt: string;
            /** Format: date-time */
            failedAt?: string;
            actions?: {
                /** Format: date-time */
                at: string;
                /** @description Id of a user. */
                by: string;
                /** @enum {string} */
                action: "cancel" | "reschedule" | "replay" | "discard";
                /**
                 * Format: uuid
                 * @description Id of the operation that did it for him.
                 */
                operation?: string;
            }[];
        };
        DeadLetter: {
            text?: string;
            linkPreview?: boolean;
            mentions?: ("everyone" | string[]) | ("everyone" | string[]);
            quoted?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe: boolean;
            };
            media?: {
                url?: string;
                /**
                 * Format: uuid
                 * @description Of a file that was uploaded.
                 */
                id?: string;
                mimetype?: string;
                fileName?: string;
            };
            caption?: string;
            latitude?: number;
            longitude?: number;
            name?: string;
            address?: string;
            contacts?: {
                name: string;
                phone: string;
                organization?: string;
                /** Format: email */
                email?: string;
                url?: string;
            }[];
            target?: string | {
                id: string;
                remoteJid?: string;
                /** @default false */
                fromMe: boolean;
            };
            emoji?: string;
            question?: string;
            options?: string[];
            /** @default 1 */
            selectableCount?: number;
            title?: string;
            description?: string;
            footer?: string;
            buttonText?: string;
            sections?: {
                title: string;
                rows: {
                    id: string;
                    title: string;
                    description?: string;
                }[];
            }[];
            thumbnailUrl?: string;
            buttons?: ({
                /** @constant */
                type: "reply";
                text: string;
                id: string;
            } | {
                /** @constant */
                type: "url";
                text: string;
                url: string;
            } | {
                /** @constant */
                type: "call";
                text: string;
                phone: string;
            } | {
                /** @constant */
                type: "copy";
                text: string;
                code: string;
            } | {
                /** @constant */
                type: "pix";
                name: string;
                /** @enum {string} */
                keyType: "phone" | "email" | "cpf" | "cnpj" | "random";
                key: string;
                /** @default BRL */
                currency: string;
            })[];
            language?: string;
            components?: {
                /** @enum {string} */
                type: "header" | "body" | "button";
                /** @enum {string} */
                sub_type?: "quick_reply" | "url" | "copy_code";
                index?: string;
                parameters: ({
                    /** @constant */
                    type: "text";
                    text: string;
                    parameter_name?: string;
                } | {
                    /** @constant */
                    type: "payload";
                    payload: string;
                } | {
                    /** @constant */
                    type: "coupon_code";
                    coupon_code: string;
                } | {
                    /** @constant */
                    type: "currency";
                    currency: {
                        fallback_value: string;
                        code: string;
                        amount_1000: number;
                    };
                } | {
                    /** @constant */
                    type: "date_time";
                    date_time: {
                        fallback_value: string;
                    };
                } | {
                    /** @constant */
                    type: "image";
                    image: {
                        link: string;
                        filename?: string;
                    };
                } | {
                    /** @constant */
                    type: "video";
                    video: {
                        link: string;
                        filename?: string;
                    };
                } | {
                    /** @constant */
                    type: "document";
                    document: {
                        link: string;
                        filename?: string;
                    };
                })[];
            }[];
            /** Format: uuid */
            id: string;
            instance: string;
            /** @description E.164, or a JID; left out of what was erased. */
            to?: string;
            /**
             * Format: date-time
             * @description Since then nothing is kept of its recipient and content.
             */
            erased?: string;
            /**
             * Format: date-time
             * @description Since then its content is not kept.
             */
            redacted?: string;
            /** @enum {string} */
            type: "text" | "image" | "video" | "document" | "audio" | "voice" | "sticker" | "roundVideo" | "location" | "contacts" | "reaction" | "poll" | "list" | "buttons" | "template";
            /** @enum {string} */
            status: "accepted" | "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "dead-lettered" | "unknown" | "cancelled" | "expired";
            /** @description Why it ended unsent. */
            reason?: {
                /** @description Stable. */
                code: string;
                detail: string;
            };
            /**
             * @description Sent a while ago, and no receipt has come.
             * @constant
             */
            stuck?: true;
            /** @enum {string} */
            priority: "high" | "normal" | "bulk";
            reference?: string;
            metadata?: {
                [key: string]: string;
            };
            /** Format: uuid */
            batch?: string;
            /** Format: uuid */
            campaign?: string;
            /**
             * @description Why it has not left yet.
             * @enum {string}
             */
            waitingFor?: "schedule" | "pace" | "quiet-hours" | "daily-cap" | "instance" | "paused" | "campaign" | "retry" | "recipient";
            /**
             * Format: date-time
             * @description The earliest it can leave; left out where nobody can know.
             */
            expectedAt?: string;
            /** Format: date-time */
            nextAttemptAt?: string;
            /** @description WhatsApp's id. */
            providerMessageId?: string;
            /** Format: date-time */
            acceptedAt: string;
            /** Format: date-time */
            sendAt?: string;
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            sentAt?: string;
            /** Format: date-time */
            deliveredAt?: string;
            /** Format: date-time */
            readAt?: string;
            /** Format: date-time */
            playedAt?: string;
            /** Format: date-time */
            failedAt?: string;
            /** @description Where WhatsApp sent it to, if to another address. */
            resolvedTo?: string;
            /** @description Of its trace, if it is traced. */
            traceId?: string;
            /** @enum {string} */
            onAmbiguous: "resend" | "hold";
            /** @description Of the older system. */
            labels?: {
                senderName?: string;
                receiverName?: string;
            };
            /** @description The last 20, oldest first. */
            attempts: {
                number: number;
                /** Format: date-time */
                startedAt: string;
                durationMs: number;
                /**
                 * @description `released`: ended without an answer about this message, so it is not counted.
                 * @enum {string}
                 */
                outcome: "sent" | "retry" | "failed" | "dead-lettered" | "unknown" | "released";
                error?: {
                    kind: string;
                    code: string;
                    detail: string;
                    httpStatus?: number;
                };
            }[];
            /** @description What users did to it; the last 20, oldest first. */
            actions?: {
                /** Format: date-time */
                at: string;
                /** @description Id of a user. */
                by: string;
                /** @enum {string} */
                action: "cancel" | "reschedule" | "replay" | "discard";
                /**
                 * Format: uuid
                 * @description Id of the operation that did it for him.
                 */
                operation?: string;
            }[];
            /** @description Others that came under its `Idempotency-Key` and were not taken. */
            conflicts?: {
                /** Format: date-time */
                at: string;
            }[];
            /** @description Whose it is. */
            user: string;
        };
        Suppression: {
            number: string;
            reason?: string;
            /**
             * @description `inbound`: its holder wrote that he wants no messages.
             * @enum {string}
             */
            source: "api" | "inbound";
            /** Format: date-time */
            at: string;
        };
        Webhook: {
            /** Format: uuid */
            id: string;
            url: string;
            description?: string;
            /** @description What it is told; `null`: everything. */
            events: ("message.scheduled" | "message.queued" | "message.retrying" | "message.sent" | "message.delivered" | "message.read" | "message.failed" | "message.dead-lettered" | "message.unknown" | "message.cancelled" | "message.expired" | "message.stuck" | "message.conflict" | "instance.connected" | "instance.disconnected" | "qr.needed")[] | null;
            /** @description Of which instances; `null`: all. */
            instances: string[] | null;
            enabled: boolean;
            disabledReason?: {
                /** @enum {string} */
                code: "user" | "gone" | "failing";
                detail: string;
            };
            /** Format: date-time */
            disabledAt?: string;
            /**
             * Format: date-time
             * @description Since then every attempt has failed.
             */
            failingSince?: string;
            /** @description Attempts that failed in a row. */
            failures?: number;
            /** Format: date-time */
            createdAt: string;
        };
        Delivery: {
            /** @description Of the event; what is posted carries it as `webhook-id`. */
            id: string;
            type: string;
            /** @enum {string} */
            state: "waiting" | "delivered" | "failed";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            nextAttemptAt?: string;
            attempts: {
                /** Format: date-time */
                at: string;
                durationMs: number;
                /** @description Of HTTP, when there was an answer. */
                status?: number;
                /** @description Why there was none. */
                code?: string;
                /** @description The beginning of what was answered. */
                answer?: string;
            }[];
            /** @description The exact text that is posted. */
            body: string;
        };
        Erasure: {
            /** Format: uuid */
            id: string;
            /** @description Id of a user. */
            by: string;
            /** @enum {string} */
            records: "own" | "everybody";
            /** @description Stands for the number. */
            person: string;
            /** @enum {string} */
            status: "running" | "done";
            stage: string;
            /** @enum {string} */
            suppressions: "keep" | "erase";
            done: {
                rows: number;
                cancelled: number;
                messages: number;
                contacts: number;
                suppressions: number;
            };
            /** @description Messages that are being sent just now. */
            waiting?: number | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            doneAt?: string;
            links?: {
                self: string;
            };
        };
        Usage: {
            /** Format: date */
            day: string;
            instance: string;
            accepted: number;
            sent: number;
            failed: number;
            unknown: number;
        };
        Overview: {
            /** Format: date-time */
            at: string;
            /** @description By state, and those that are paused. */
            instances: {
                [key: string]: number;
            } | null;
            messages: {
                waitingFor: {
                    [key: string]: number;
                };
                sending: number;
                oldestDueAt: string | null;
                /** @description False: there are more than were counted. */
                isWhole: boolean;
                /** @description Five instances at most, the worst first. */
                longestWaiting: {
                    /** @description Its name; its id when it is not there any more. */
                    instance: string;
                    /** @description Whose it is. */
                    user: string | null;
                    waitingFor: string;
                    waiting: number;
                    /** @description `null`: only retries wait. */
                    oldestDueAt: string | null;
                }[];
            } | null;
            consumers: {
                living: {
                    id: string;
                    /** Format: date-time */
                    at: string;
                    due: number;
                    evolutionDown: string[];
                    /** @description Of the topic of messages. */
                    partitions: number[];
                }[];
                due: number;
                recent: {
                    minutes: number;
                    accepted: number;
                    sent: number;
                    failed: number;
                };
                evolution: {
                    server: string;
                    heldBy: number;
                }[];
            } | null;
            kafka: {
                group: string;
                topic: string;
                /** @description Consumers that take part in it now. */
                members: number;
                partitions: number;
                /** @description Records that it has not read yet. */
                lag: number;
                /** @description The partitions that lag most, ten at most. */
                behind: {
                    partition: number;
                    lag: number;
                }[];
            }[] | null;
            deadLetters: {
                /** Format: uuid */
                id: string;
                user: string;
                instance: string;
                status: string;
                reason?: string;
                /** Format: date-time */
                failedAt?: string;
            }[] | null;
            /** @description Parts that did not answer in time; they are `null`. */
            missing: string[];
        };
        EvolutionServer: {
            name: string;
            url: string;
            /** @description New instances are made here, unless they say otherwise. */
            isDefault: boolean;
            /**
             * @description `environment`: of `EVOLUTION_API_URL`, and not to be changed here.
             * @enum {string}
             */
            source: "environment" | "api";
            /**
             * @description Nothing is sent to it until it has a new key.
             * @constant
             */
            keyUnreadable?: true;
            /** Format: date-time */
            createdAt?: string;
            /** Format: date-time */
            updatedAt?: string;
        };
        AuditEntry: {
            id: string;
            /** Format: date-time */
            at: string;
            /** @description Id of a user. */
            by: string;
            /** @description Such as `user.approved`; more may be added. */
            action: string;
            /** @description Id or name of what it was done to. */
            target: string;
            address: string;
            details: {
                [key: string]: string | number | string[];
            };
        };
        UndecodableEntry: {
            /** @description `topic:partition:offset`. */
            id: string;
            topic: string;
            partition: number;
            offset: string;
            reason: string;
            detail: string;
            /** Format: date-time */
            at: string;
            /** @description Length of the value. */
            bytes: number;
        };
        /** @description A problem (RFC 9457). */
        Problem: {
            /** @description Leads to a page about it. */
            type: string;
            title: string;
            status: number;
            /** @description Stable: branch on it. */
            code: string;
            /** @description For people. */
            detail: string;
            /** @description Every field that is at fault. */
            errors?: {
                /** @description As the caller wrote it; `body` is the whole of it. */
                field: string;
                message: string;
            }[];
            /** @description Finds the request in the log; also in header `Request-Id`. */
            requestId: string;
            /** @description Repeats `detail`, for clients of the older system. */
            message: string;
            /**
             * Format: uuid
             * @description Of `accept-unknown`: the message that may have been accepted.
             */
            id?: string;
            /**
             * @description Of `wrong-status`.
             * @enum {string}
             */
            messageStatus?: "accepted" | "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "dead-lettered" | "unknown" | "cancelled" | "expired";
            /** @description Of `wrong-campaign-status`. */
            campaignStatus?: string;
            /**
             * @description Of `scope-missing`: what the API key lacks.
             * @enum {string}
             */
            scope?: "messages:send" | "messages:read" | "instances:read" | "instances:manage" | "webhooks:manage";
            /** @description Of `foreign-webhook`: to whom the instance reports. */
            host?: string;
            /** @description Of `evolution-server-in-use`: how many are there. */
            instances?: number;
            /** @description Why Evolution API refused, or does not answer. */
            evolutionCode?: string;
            /**
             * Format: uuid
             * @description Of a refused batch.
             */
            batch?: string;
            counts?: components["schemas"]["BatchCounts"];
            results?: components["schemas"]["RowAnswer"][];
        };
        MessageEvent: {
            /** @constant */
            v: 1;
            id: string;
            n: number;
            /** @enum {string} */
            type: "message.scheduled" | "message.queued" | "message.retrying" | "message.sent" | "message.delivered" | "message.read" | "message.failed" | "message.dead-lettered" | "message.unknown" | "message.cancelled" | "message.expired" | "message.stuck" | "message.conflict";
            /** Format: date-time */
            at: string;
            user: string;
            instance: string;
            instanceId: string;
            message: {
                /** Format: uuid */
                id: string;
                to: string;
                type: string;
                reference?: string;
                metadata?: {
                    [key: string]: string;
                };
            };
            reason?: {
                code: string;
                detail: string;
            };
            providerMessageId?: string;
            /** Format: date-time */
            nextAttemptAt?: string;
        };
        InstanceEvent: {
            /** @constant */
            v: 1;
            id: string;
            n: number;
            /** @enum {string} */
            type: "instance.connected" | "instance.disconnected" | "qr.needed";
            /** Format: date-time */
            at: string;
            user: string;
            instance: string;
            instanceId: string;
        };
    };
    responses: {
        /** @description `invalid-request`: The request is not valid. */
        "400.invalid-request": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @enum {unknown} */
                    code?: "invalid-request";
                };
            };
        };
        /** @description `malformed-json`: The body is not valid JSON. `invalid-request`: The request is not valid. */
        "400.malformed-json.invalid-request": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @enum {unknown} */
                    code?: "malformed-json" | "invalid-request";
                };
            };
        };
        /** @description `malformed-json`: The body is not valid JSON. `invalid-request`: The request is not valid. `weak-password`: The password cannot be used. */
        "400.malformed-json.invalid-request.weak-password": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @enum {unknown} */
                    code?: "malformed-json" | "invalid-request" | "weak-password";
                };
            };
        };
        /** @description `unauthenticated`: Authentication is required. */
        "401.unauthenticated": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 401;
                    /** @enum {unknown} */
                    code?: "unauthenticated";
                };
            };
        };
        /** @description `wrong-credentials`: Wrong login details. */
        "401.wrong-credentials": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 401;
                    /** @enum {unknown} */
                    code?: "wrong-credentials";
                };
            };
        };
        /** @description `forbidden`: Not allowed. `scope-missing`: The API key lacks a scope. */
        "403.forbidden.scope-missing": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "forbidden" | "scope-missing";
                };
            };
        };
        /** @description `forbidden`: Not allowed. `scope-missing`: The API key lacks a scope. `key-limited`: The API key is limited to certain instances. */
        "403.forbidden.scope-missing.key-limited": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "forbidden" | "scope-missing" | "key-limited";
                };
            };
        };
        /** @description `forbidden`: Not allowed. `scope-missing`: The API key lacks a scope. `session-required`: API keys may not do this. */
        "403.forbidden.scope-missing.session-required": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "forbidden" | "scope-missing" | "session-required";
                };
            };
        };
        /** @description `forbidden`: Not allowed. `scope-missing`: The API key lacks a scope. `session-required`: API keys may not do this. `key-limited`: The API key is limited to certain instances. */
        "403.forbidden.scope-missing.session-required.key-limited": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "forbidden" | "scope-missing" | "session-required" | "key-limited";
                };
            };
        };
        /** @description `forbidden`: Not allowed. `session-required`: API keys may not do this. `key-limited`: The API key is limited to certain instances. */
        "403.forbidden.session-required.key-limited": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "forbidden" | "session-required" | "key-limited";
                };
            };
        };
        /** @description `forbidden`: Not allowed. `wrong-password`: The password is wrong. `session-required`: API keys may not do this. `key-limited`: The API key is limited to certain instances. */
        "403.forbidden.wrong-password.session-required.key-limited": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "forbidden" | "wrong-password" | "session-required" | "key-limited";
                };
            };
        };
        /** @description `not-approved`: The account is not approved. */
        "403.not-approved": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "not-approved";
                };
            };
        };
        /** @description `api-key-not-found`: API key not found. */
        "404.api-key-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "api-key-not-found";
                };
            };
        };
        /** @description `campaign-not-found`: Campaign not found. */
        "404.campaign-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "campaign-not-found";
                };
            };
        };
        /** @description `erasure-not-found`: Erasure not found. */
        "404.erasure-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "erasure-not-found";
                };
            };
        };
        /** @description `evolution-server-not-found`: Evolution server not found. */
        "404.evolution-server-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "evolution-server-not-found";
                };
            };
        };
        /** @description `instance-not-found`: Instance not found. */
        "404.instance-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "instance-not-found";
                };
            };
        };
        /** @description `instance-not-found`: Instance not found. `share-not-found`: The instance is not shared with that user. */
        "404.instance-not-found.share-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "instance-not-found" | "share-not-found";
                };
            };
        };
        /** @description `instance-not-found`: Instance not found. `user-not-found`: User not found. */
        "404.instance-not-found.user-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "instance-not-found" | "user-not-found";
                };
            };
        };
        /** @description `media-not-found`: File not found. */
        "404.media-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "media-not-found";
                };
            };
        };
        /** @description `message-not-found`: Message not found. */
        "404.message-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "message-not-found";
                };
            };
        };
        /** @description `not-found`: Not found. */
        "404.not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "not-found";
                };
            };
        };
        /** @description `operation-not-found`: Operation not found. */
        "404.operation-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "operation-not-found";
                };
            };
        };
        /** @description `session-not-found`: Session not found. */
        "404.session-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "session-not-found";
                };
            };
        };
        /** @description `suppression-not-found`: Not on the suppression list. */
        "404.suppression-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "suppression-not-found";
                };
            };
        };
        /** @description `undecodable-not-found`: Record not found. */
        "404.undecodable-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "undecodable-not-found";
                };
            };
        };
        /** @description `user-not-found`: User not found. */
        "404.user-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "user-not-found";
                };
            };
        };
        /** @description `webhook-not-found`: Webhook not found. */
        "404.webhook-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "webhook-not-found";
                };
            };
        };
        /** @description `webhook-not-found`: Webhook not found. `delivery-not-found`: Delivery not found. */
        "404.webhook-not-found.delivery-not-found": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "webhook-not-found" | "delivery-not-found";
                };
            };
        };
        /** @description `request-timeout`: The request did not arrive in time. */
        "408.request-timeout": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 408;
                    /** @enum {unknown} */
                    code?: "request-timeout";
                };
            };
        };
        /** @description `email-taken`: User already exists. */
        "409.email-taken": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "email-taken";
                };
            };
        };
        /** @description `event-feed-off`: Events are not turned on. */
        "409.event-feed-off": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "event-feed-off";
                };
            };
        };
        /** @description `evolution-server-fixed`: The Evolution server is set by the environment. */
        "409.evolution-server-fixed": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "evolution-server-fixed";
                };
            };
        };
        /** @description `evolution-server-in-use`: The Evolution server is in use. `evolution-server-fixed`: The Evolution server is set by the environment. */
        "409.evolution-server-in-use.evolution-server-fixed": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "evolution-server-in-use" | "evolution-server-fixed";
                };
            };
        };
        /** @description `evolution-server-name-taken`: The name of the Evolution server is taken. `evolution-server-limit`: There are too many Evolution servers. `request-under-way`: The same request is being worked on. */
        "409.evolution-server-name-taken.evolution-server-limit.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "evolution-server-name-taken" | "evolution-server-limit" | "request-under-way";
                };
            };
        };
        /** @description `instance-connected`: The instance is connected. */
        "409.instance-connected": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "instance-connected";
                };
            };
        };
        /** @description `instance-name-taken`: The instance name is taken. */
        "409.instance-name-taken": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "instance-name-taken";
                };
            };
        };
        /** @description `instance-name-taken`: The instance name is taken. `foreign-webhook`: The instance reports to someone else. `request-under-way`: The same request is being worked on. */
        "409.instance-name-taken.foreign-webhook.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "instance-name-taken" | "foreign-webhook" | "request-under-way";
                };
            };
        };
        /** @description `instance-not-connected`: The instance is not connected. */
        "409.instance-not-connected": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "instance-not-connected";
                };
            };
        };
        /** @description `instance-sandbox`: The instance reaches no phone. */
        "409.instance-sandbox": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "instance-sandbox";
                };
            };
        };
        /** @description `last-admin`: An administrator has to remain. */
        "409.last-admin": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "last-admin";
                };
            };
        };
        /** @description `mail-off`: No mail is sent from here. */
        "409.mail-off": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "mail-off";
                };
            };
        };
        /** @description `managed-by-kubernetes`: Kubernetes keeps the instance. */
        "409.managed-by-kubernetes": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "managed-by-kubernetes";
                };
            };
        };
        /** @description `media-limit`: There are too many files. `request-under-way`: The same request is being worked on. */
        "409.media-limit.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "media-limit" | "request-under-way";
                };
            };
        };
        /** @description `request-under-way`: The same request is being worked on. */
        "409.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "request-under-way";
                };
            };
        };
        /** @description `share-limit`: The instance is shared with too many users. */
        "409.share-limit": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "share-limit";
                };
            };
        };
        /** @description `too-many-api-keys`: There are too many API keys. `request-under-way`: The same request is being worked on. */
        "409.too-many-api-keys.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "too-many-api-keys" | "request-under-way";
                };
            };
        };
        /** @description `too-many-campaigns`: There are too many campaigns. */
        "409.too-many-campaigns": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "too-many-campaigns";
                };
            };
        };
        /** @description `too-many-operations`: There are too many operations. `request-under-way`: The same request is being worked on. */
        "409.too-many-operations.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "too-many-operations" | "request-under-way";
                };
            };
        };
        /** @description `webhook-disabled`: The webhook is switched off. */
        "409.webhook-disabled": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "webhook-disabled";
                };
            };
        };
        /** @description `webhook-disabled`: The webhook is switched off. `request-under-way`: The same request is being worked on. */
        "409.webhook-disabled.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "webhook-disabled" | "request-under-way";
                };
            };
        };
        /** @description `webhook-limit`: There are too many webhooks. `request-under-way`: The same request is being worked on. */
        "409.webhook-limit.request-under-way": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "webhook-limit" | "request-under-way";
                };
            };
        };
        /** @description `wrong-campaign-status`: The campaign is in another status. */
        "409.wrong-campaign-status": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "wrong-campaign-status";
                };
            };
        };
        /** @description `wrong-status`: The message is in another status. */
        "409.wrong-status": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "wrong-status";
                };
            };
        };
        /** @description `wrong-status`: The message is in another status. `content-removed`: The content of the message is gone. */
        "409.wrong-status.content-removed": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "wrong-status" | "content-removed";
                };
            };
        };
        /** @description `too-large`: The request is too large. */
        "413.too-large": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 413;
                    /** @enum {unknown} */
                    code?: "too-large";
                };
            };
        };
        /** @description `unsupported-media-type`: The content type is not supported. */
        "415.unsupported-media-type": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 415;
                    /** @enum {unknown} */
                    code?: "unsupported-media-type";
                };
            };
        };
        /** @description `batch-refused`: No message of the batch can be accepted. */
        "422.batch-refused": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "batch-refused";
                };
            };
        };
        /** @description `idempotency-key-reused`: The idempotency key belongs to another request. */
        "422.idempotency-key-reused": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "idempotency-key-reused";
                };
            };
        };
        /** @description `idempotency-key-reused`: The idempotency key belongs to another request. `suppressed`: The recipient wants no messages. */
        "422.idempotency-key-reused.suppressed": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "idempotency-key-reused" | "suppressed";
                };
            };
        };
        /** @description `idempotency-key-reused`: The idempotency key belongs to another request. `suppressed`: The recipient wants no messages. `kind-not-supported`: The instance cannot send this kind of message. */
        "422.idempotency-key-reused.suppressed.kind-not-supported": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "idempotency-key-reused" | "suppressed" | "kind-not-supported";
                };
            };
        };
        /** @description `too-many-requests`: Too many requests. */
        "429.too-many-requests": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 429;
                    /** @enum {unknown} */
                    code?: "too-many-requests";
                };
            };
        };
        /** @description `headers-too-large`: The headers are too large. */
        "431.headers-too-large": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 431;
                    /** @enum {unknown} */
                    code?: "headers-too-large";
                };
            };
        };
        /** @description `internal-error`: Something went wrong here. */
        "500.internal-error": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 500;
                    /** @enum {unknown} */
                    code?: "internal-error";
                };
            };
        };
        /** @description `evolution-failed`: Evolution API did not do it. */
        "502.evolution-failed": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 502;
                    /** @enum {unknown} */
                    code?: "evolution-failed";
                };
            };
        };
        /** @description `overloaded`: Too busy to accept this now. `unavailable`: A part this request needs is not available. */
        "503.overloaded.unavailable": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @enum {unknown} */
                    code?: "overloaded" | "unavailable";
                };
            };
        };
        /** @description `overloaded`: Too busy to accept this now. `unavailable`: A part this request needs is not available. `accept-unknown`: It is not known whether the message was accepted. */
        "503.overloaded.unavailable.accept-unknown": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @enum {unknown} */
                    code?: "overloaded" | "unavailable" | "accept-unknown";
                };
            };
        };
        /** @description `unavailable`: A part this request needs is not available. */
        "503.unavailable": {
            headers: {
                "Request-Id": components["headers"]["Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @enum {unknown} */
                    code?: "unavailable";
                };
            };
        };
    };
    parameters: {
        /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
        IdempotencyKey: string;
        /** @description The last `id` that you saw: the stream goes on after it. */
        LastEventID: string;
        /** @description `respond-async`: it is done beside the request, with no bound, and shown as an operation. */
        Prefer: string;
        /**
         * @description The event's `id`, the same each time it is posted.
         * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
         */
        WebhookId: string;
        /**
         * @description When it is posted, in seconds.
         * @example 1769860801
         */
        WebhookTimestamp: string;
        /**
         * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        WebhookSignature: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description Finds the request in the log. It is the `Request-Id` of the request, if that had one that can be kept.
         * @example 0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11-4x
         */
        "Request-Id": string;
        /**
         * @description The limits that hold for this caller. Left out where there are none.
         * @example "user";q=600;w=60
         */
        "RateLimit-Policy": string;
        /**
         * @description Requests that are left (`r`), and seconds until there are more (`t`). Left out where there is no limit.
         * @example "user";r=599;t=1
         */
        RateLimit: string;
        /**
         * @description Seconds; repeating sooner gains nothing. Left out where waiting changes nothing.
         * @example 5
         */
        "Retry-After": number;
        /**
         * @description How to authenticate.
         * @example Bearer realm="whatsapp-sender"
         */
        "WWW-Authenticate": string;
        /**
         * @description The path of what was made.
         * @example /v1/messages/0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11
         */
        Location: string;
        /**
         * @description `true`: an earlier call with this `Idempotency-Key` has done it; this one has added nothing.
         * @example true
         */
        "Idempotent-Replayed": string;
        /**
         * @description What of `Prefer` was heeded.
         * @example respond-async
         */
        "Preference-Applied": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    signUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    fullname: string;
                    email: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description The account waits for approval. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "email": "ana@example.com",
                     *       "fullname": "Ana Souza",
                     *       "status": "pending",
                     *       "message": "User created successfully. An administrator has to approve the account."
                     *     }
                     */
                    "application/json": {
                        id: string;
                        email: string;
                        fullname: string;
                        /** @enum {string} */
                        status: "pending" | "approved" | "rejected";
                        message: string;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request.weak-password"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.email-taken"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    logIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description A new session. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI2NWYwIn0.c2lnbmF0dXJl",
                     *       "token_type": "Bearer",
                     *       "expires_in": 900,
                     *       "refresh_token": "Zt1mB0hXn3Vq9sKd5wYfJg.Qm8hTz6rLc2pWv4xNe0uAi"
                     *     }
                     */
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.wrong-credentials"];
            403: components["responses"]["403.not-approved"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    refreshSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    refresh_token: string;
                };
            };
        };
        responses: {
            /** @description The next pair. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI2NWYwIn0.c2lnbmF0dXJl",
                     *       "token_type": "Bearer",
                     *       "expires_in": 900,
                     *       "refresh_token": "Zt1mB0hXn3Vq9sKd5wYfJg.Qm8hTz6rLc2pWv4xNe0uAi"
                     *     }
                     */
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    logOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They have ended. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    forgetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: email */
                    email: string;
                };
            };
        };
        responses: {
            /** @description The token is on its way, if there is such an account. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "If there is such an account, a token is on its way to it."
                     *     }
                     */
                    "application/json": {
                        message: string;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.mail-off"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    redeemPasswordReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description The password is set. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.malformed-json.invalid-request.weak-password"];
            401: components["responses"]["401.unauthenticated"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
                /** @example pending */
                status?: "pending" | "approved" | "rejected";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *           "email": "ana@example.com",
                     *           "fullname": "Ana Souza",
                     *           "status": "approved",
                     *           "role": "sender",
                     *           "createdAt": "2026-01-31T12:00:00.101Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["User"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    changeUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f0c1d2e3f4a5b6c7d8e9f0 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    status?: "approved" | "rejected";
                    reason?: string;
                    /** @enum {string} */
                    role?: "admin" | "operator" | "sender" | "viewer";
                    eventFeed?: boolean;
                };
            };
        };
        responses: {
            /** @description The user as he is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "email": "ana@example.com",
                     *       "fullname": "Ana Souza",
                     *       "status": "approved",
                     *       "role": "sender",
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.user-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.last-admin"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    issuePasswordReset: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 65f0c1d2e3f4a5b6c7d8e9f0 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shown this once. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "token": "h0Zs8Vb2Lq4xTn6mRw1kYc3d",
                     *       "expiresAt": "2026-01-31T12:00:01.977Z"
                     *     }
                     */
                    "application/json": {
                        token: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.user-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.request-under-way"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "email": "ana@example.com",
                     *       "fullname": "Ana Souza",
                     *       "role": "sender",
                     *       "onAmbiguous": "resend",
                     *       "eventFeed": null,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Me"];
                };
            };
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.user-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    changeMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    fullname?: string;
                    /** @enum {string} */
                    onAmbiguous?: "resend" | "hold";
                };
            };
        };
        responses: {
            /** @description You as you are now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "email": "ana@example.com",
                     *       "fullname": "Ana Souza",
                     *       "role": "sender",
                     *       "onAmbiguous": "hold",
                     *       "eventFeed": null,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.user-not-found"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    currentPassword: string;
                    newPassword: string;
                };
            };
        };
        responses: {
            /** @description A new session. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI2NWYwIn0.c2lnbmF0dXJl",
                     *       "token_type": "Bearer",
                     *       "expires_in": 900,
                     *       "refresh_token": "Zt1mB0hXn3Vq9sKd5wYfJg.Qm8hTz6rLc2pWv4xNe0uAi"
                     *     }
                     */
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request.weak-password"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.wrong-password.session-required.key-limited"];
            404: components["responses"]["404.user-not-found"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    listSessions: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "Zt1mB0hXn3Vq9sKd5wYfJg",
                     *           "address": "203.0.113.7",
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "lastUsedAt": "2026-01-31T12:00:01.977Z",
                     *           "expiresAt": "2026-03-02T12:00:01.977Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Session"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zt1mB0hXn3Vq9sKd5wYfJg */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.session-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "0f3c5a7b9d1e2f40",
                     *           "prefix": "wsk_0f3c5a7b9d1e2f40",
                     *           "name": "shop",
                     *           "scopes": [
                     *             "messages:send",
                     *             "messages:read"
                     *           ],
                     *           "instances": null,
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "expiresAt": null,
                     *           "lastUsedAt": null
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ApiKey"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    scopes: ("messages:send" | "messages:read" | "instances:read" | "instances:manage" | "webhooks:manage")[];
                    instances?: string[];
                    /** Format: date-time */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description The key. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0f3c5a7b9d1e2f40",
                     *       "prefix": "wsk_0f3c5a7b9d1e2f40",
                     *       "name": "shop",
                     *       "scopes": [
                     *         "messages:send",
                     *         "messages:read"
                     *       ],
                     *       "instances": null,
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "expiresAt": null,
                     *       "lastUsedAt": null,
                     *       "key": "wsk_0f3c5a7b9d1e2f40_Vb2Lq4xTn6mRw1kYc3dZs8h0"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        /** @description What the key begins with. */
                        prefix: string;
                        name: string;
                        scopes: ("messages:send" | "messages:read" | "instances:read" | "instances:manage" | "webhooks:manage")[];
                        /** @description Names of those that it is limited to; `null`: all. */
                        instances: string[] | null;
                        /** Format: date-time */
                        createdAt: string;
                        expiresAt: string | null;
                        lastUsedAt: string | null;
                        /** @description Shown this once. */
                        key: string;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.too-many-api-keys.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0f3c5a7b9d1e2f40 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is refused from now on. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.api-key-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listInstances: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                /** @description The `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "name": "sales",
                     *           "owner": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *           "kind": "whatsapp",
                     *           "channel": "baileys",
                     *           "evolutionServer": "default",
                     *           "state": "open",
                     *           "pace": {
                     *             "perMinute": 20,
                     *             "burst": 3
                     *           },
                     *           "retry": {
                     *             "attemptsMax": 5,
                     *             "baseMs": 2000,
                     *             "capMs": 300000
                     *           },
                     *           "checkNumber": "never",
                     *           "paused": false,
                     *           "createdAt": "2026-01-31T12:00:00.101Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Instance"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    createInstance: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /**
                     * @default whatsapp
                     * @enum {string}
                     */
                    kind?: "whatsapp" | "sandbox";
                    /** @description A phone number: E.164, or as people of the default country write it. */
                    number?: string;
                    /** @default false */
                    adopt?: boolean;
                    /** @default false */
                    replaceWebhook?: boolean;
                    evolutionKey?: string;
                    /** Format: email */
                    ownerEmail?: string;
                    evolutionServer?: string;
                    pace?: {
                        /** @description 0: no limit. */
                        perMinute: number;
                        /** @description How many may leave at once after a silence. */
                        burst: number;
                        /** @description Between two messages, drawn anew each time. */
                        gapMs?: {
                            min: number;
                            max: number;
                        };
                        /** @description In a calendar day of `timeZone`. */
                        perDay?: number;
                        /** @description Caps of the first days of a new number, one each, in place of `perDay`. */
                        warmUp?: number[];
                        /** @description Of IANA, such as `America/Sao_Paulo`; left out: UTC. */
                        timeZone?: string;
                        /** @description Nothing leaves in between, which may be past midnight. */
                        quietHours?: {
                            from: string;
                            to: string;
                        };
                        /** @description Between two messages to the same recipient. */
                        recipientGapMs?: number;
                        /** @description Recipients a day that it never wrote to before. */
                        newContactsPerDay?: number;
                    };
                    retry?: {
                        attemptsMax: number;
                        baseMs: number;
                        capMs: number;
                    };
                    /** @enum {string} */
                    checkNumber?: "never" | "first" | "always";
                };
            };
        };
        responses: {
            /** @description The instance. Connect a phone next. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "sales",
                     *       "owner": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "kind": "whatsapp",
                     *       "channel": "baileys",
                     *       "evolutionServer": "default",
                     *       "state": "close",
                     *       "pace": {
                     *         "perMinute": 20,
                     *         "burst": 3
                     *       },
                     *       "retry": {
                     *         "attemptsMax": 5,
                     *         "baseMs": 2000,
                     *         "capMs": 300000
                     *       },
                     *       "checkNumber": "never",
                     *       "paused": false,
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "holding": {
                     *         "reason": "instance"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Instance"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.session-required.key-limited"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.instance-name-taken.foreign-webhook.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "sales",
                     *       "owner": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "kind": "whatsapp",
                     *       "channel": "baileys",
                     *       "evolutionServer": "default",
                     *       "state": "open",
                     *       "pace": {
                     *         "perMinute": 20,
                     *         "burst": 3
                     *       },
                     *       "retry": {
                     *         "attemptsMax": 5,
                     *         "baseMs": 2000,
                     *         "capMs": 300000
                     *       },
                     *       "checkNumber": "never",
                     *       "paused": false,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Instance"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    removeInstance: {
        parameters: {
            query?: {
                keepInEvolution?: "true" | "false";
            };
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.managed-by-kubernetes"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    changeInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    number?: string | null;
                    pace?: {
                        /** @description 0: no limit. */
                        perMinute: number;
                        /** @description How many may leave at once after a silence. */
                        burst: number;
                        /** @description Between two messages, drawn anew each time. */
                        gapMs?: {
                            min: number;
                            max: number;
                        };
                        /** @description In a calendar day of `timeZone`. */
                        perDay?: number;
                        /** @description Caps of the first days of a new number, one each, in place of `perDay`. */
                        warmUp?: number[];
                        /** @description Of IANA, such as `America/Sao_Paulo`; left out: UTC. */
                        timeZone?: string;
                        /** @description Nothing leaves in between, which may be past midnight. */
                        quietHours?: {
                            from: string;
                            to: string;
                        };
                        /** @description Between two messages to the same recipient. */
                        recipientGapMs?: number;
                        /** @description Recipients a day that it never wrote to before. */
                        newContactsPerDay?: number;
                    } | null;
                    retry?: {
                        attemptsMax: number;
                        baseMs: number;
                        capMs: number;
                    } | null;
                    /** @enum {string} */
                    checkNumber?: "never" | "first" | "always";
                    paused?: boolean;
                    evolutionKey?: string;
                };
            };
        };
        responses: {
            /** @description The instance as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "sales",
                     *       "owner": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "kind": "whatsapp",
                     *       "channel": "baileys",
                     *       "evolutionServer": "default",
                     *       "state": "open",
                     *       "pace": {
                     *         "perMinute": 20,
                     *         "burst": 3
                     *       },
                     *       "retry": {
                     *         "attemptsMax": 5,
                     *         "baseMs": 2000,
                     *         "capMs": 300000
                     *       },
                     *       "checkNumber": "never",
                     *       "paused": false,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Instance"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.session-required"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.managed-by-kubernetes"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    connectInstance: {
        parameters: {
            query?: {
                format?: "json" | "png" | "svg" | "text" | "pairing-code";
            };
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Scan the QR code, or type in the pairing code; or it is `open`. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "connecting",
                     *       "qr": {
                     *         "code": "2@Yk3vT9xQ1c,8sWq2LmN,0pZrB7==",
                     *         "png": "data:image/png;base64,iVBORw0KGgo="
                     *       },
                     *       "pairingCode": "WZYE-H1YY"
                     *     }
                     */
                    "application/json": components["schemas"]["Connection"];
                    /** @example  */
                    "image/png": string;
                    /** @example <svg xmlns="http://www.w3.org/2000/svg"/> */
                    "image/svg+xml": string;
                    /** @example WZYE-H1YY */
                    "text/plain": string;
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.instance-connected"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    followConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events until it is connected. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: state
                     *     data: {"state":"connecting"}
                     *
                     *     event: qr
                     *     data: {"qr":{"code":"2@Yk3vT9xQ1c","png":"data:image/png;base64,iVBORw0KGgo="}}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    changeInstanceOwner: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: email */
                    ownerEmail: string;
                };
            };
        };
        responses: {
            /** @description Whose it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "sales",
                     *       "owner": "65f0c1d2e3f4a5b6c7d8e9f0"
                     *     }
                     */
                    "application/json": {
                        name: string;
                        owner: string;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.managed-by-kubernetes"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    changeInstanceManager: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    managedBy: "kubernetes" | null;
                };
            };
        };
        responses: {
            /** @description Who manages it now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "sales",
                     *       "managedBy": null
                     *     }
                     */
                    "application/json": {
                        name: string;
                        managedBy: "kubernetes" | null;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    restartInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It connects. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "open"
                     *     }
                     */
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.instance-not-connected"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    logOutInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has no phone. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "close"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        state: "close";
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.instance-sandbox"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listShares: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is one page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *           "email": "bob@example.com",
                     *           "access": "send"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Share"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    shareInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
                /** @example bob@example.com */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    access: "view" | "send" | "manage";
                };
            };
        };
        responses: {
            /** @description What he may do now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "email": "bob@example.com",
                     *       "access": "send"
                     *     }
                     */
                    "application/json": components["schemas"]["Share"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.instance-not-found.user-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.share-limit"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    unshareInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example sales */
                name: string;
                /** @example bob@example.com */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is not shared with him. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.instance-not-found.share-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    checkNumbers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    instance: string;
                    numbers: string[];
                };
            };
        };
        responses: {
            /** @description What WhatsApp says. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "instance": "sales",
                     *       "numbers": [
                     *         {
                     *           "number": "+5511999991000",
                     *           "exists": true,
                     *           "jid": "5511999991000@s.whatsapp.net"
                     *         },
                     *         {
                     *           "number": "+5511999990404",
                     *           "exists": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CheckedNumbers"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.instance-not-connected"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /**
                 * @description Rows of a page.
                 * @example 20
                 */
                limit?: number;
                cursor?: string;
                /** @example sales */
                instance?: string;
                to?: string;
                reference?: string;
                batch?: string;
                campaign?: string;
                /** @description By when it came into the ledger. */
                since?: string;
                /** @description Not included. */
                until?: string;
                /** @description What its metadata holds, word for word: `metadata[shop]=north`. */
                metadata?: {
                    [key: string]: string;
                };
                status?: "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "dead-lettered" | "unknown" | "cancelled" | "expired";
                attention?: "true";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *           "instance": "sales",
                     *           "to": "+5511999991000",
                     *           "type": "text",
                     *           "status": "delivered",
                     *           "priority": "normal",
                     *           "reference": "order 7",
                     *           "attemptsCount": 1,
                     *           "providerMessageId": "3EB0C5A277F7F9B6C599",
                     *           "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "sentAt": "2026-01-31T12:00:00.101Z",
                     *           "deliveredAt": "2026-01-31T12:00:01.977Z"
                     *         }
                     *       ],
                     *       "next": "mkq3x1f9@0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ListedMessage"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    sendMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            /** @description Of `validateOnly`: it would have been accepted. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "valid"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "valid";
                    };
                };
            };
            /** @description It will be sent. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "status": "accepted",
                     *       "links": {
                     *         "self": "/v1/messages/0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused.suppressed.kind-not-supported"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable.accept-unknown"];
        };
    };
    cancelMessages: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: it is done beside the request, with no bound, and shown as an operation. */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    instance?: string;
                    /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
                    to?: string;
                    reference?: string;
                    /** Format: uuid */
                    batch?: string;
                    /** Format: uuid */
                    campaign?: string;
                    /**
                     * Format: date-time
                     * @description By when it came into the ledger.
                     */
                    since?: string;
                    /**
                     * Format: date-time
                     * @description Not included.
                     */
                    until?: string;
                    /** @enum {string} */
                    status?: "scheduled" | "queued";
                    /** @constant */
                    all?: true;
                    /** @description The `next` of the page before. */
                    cursor?: string;
                };
            };
        };
        responses: {
            /** @description So many were cancelled. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cancelled": 412,
                     *       "skipped": 0,
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        cancelled: number;
                        /** @description What began to be sent just then. */
                        skipped: number;
                        /** @description Send the request again with it as `cursor`; `null`: that was all. */
                        next: string | null;
                    };
                };
            };
            /** @description With `Prefer: respond-async`: it is done beside the request. Read `Location` to see how far it is. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12",
                     *       "kind": "cancel",
                     *       "status": "running",
                     *       "done": 0,
                     *       "skipped": 0,
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/operations/3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOperation"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.too-many-operations.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "text": "Your order has left.",
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "instance": "sales",
                     *       "to": "+5511999991000",
                     *       "type": "text",
                     *       "status": "delivered",
                     *       "priority": "normal",
                     *       "onAmbiguous": "resend",
                     *       "reference": "order 7",
                     *       "attempts": [
                     *         {
                     *           "number": 1,
                     *           "startedAt": "2026-01-31T12:00:00.101Z",
                     *           "durationMs": 214,
                     *           "outcome": "sent"
                     *         }
                     *       ],
                     *       "providerMessageId": "3EB0C5A277F7F9B6C599",
                     *       "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *       "sentAt": "2026-01-31T12:00:00.101Z",
                     *       "deliveredAt": "2026-01-31T12:00:01.977Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.message-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    rescheduleMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    sendAt?: string | null;
                    expiresAt?: string | null;
                    /** @enum {string} */
                    priority?: "high" | "normal" | "bulk";
                };
            };
        };
        responses: {
            /** @description The message as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "text": "Your order has left.",
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "instance": "sales",
                     *       "to": "+5511999991000",
                     *       "type": "text",
                     *       "status": "delivered",
                     *       "priority": "normal",
                     *       "onAmbiguous": "resend",
                     *       "reference": "order 7",
                     *       "attempts": [
                     *         {
                     *           "number": 1,
                     *           "startedAt": "2026-01-31T12:00:00.101Z",
                     *           "durationMs": 214,
                     *           "outcome": "sent"
                     *         }
                     *       ],
                     *       "providerMessageId": "3EB0C5A277F7F9B6C599",
                     *       "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *       "sentAt": "2026-01-31T12:00:00.101Z",
                     *       "deliveredAt": "2026-01-31T12:00:01.977Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.message-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-status"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    cancelMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No further attempt is made. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "text": "Your order has left.",
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "instance": "sales",
                     *       "to": "+5511999991000",
                     *       "type": "text",
                     *       "status": "cancelled",
                     *       "priority": "normal",
                     *       "onAmbiguous": "resend",
                     *       "reference": "order 7",
                     *       "attempts": [],
                     *       "providerMessageId": "3EB0C5A277F7F9B6C599",
                     *       "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *       "sentAt": "2026-01-31T12:00:00.101Z",
                     *       "deliveredAt": "2026-01-31T12:00:01.977Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.message-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-status"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    sendBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    instance?: string;
                    /**
                     * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
                     * @enum {string}
                     */
                    onAmbiguous?: "resend" | "hold";
                    /**
                     * Format: date-time
                     * @description Not before this moment; at most a year ahead.
                     */
                    sendAt?: string;
                    /**
                     * Format: date-time
                     * @description Not after this moment, whatever holds it up.
                     */
                    expiresAt?: string;
                    /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
                    ttlSeconds?: number;
                    /**
                     * @description Which recipient's turn is next; left out: `normal`.
                     * @enum {string}
                     */
                    priority?: "high" | "normal" | "bulk";
                    /** @description `to` may be a group or a hidden number. */
                    allowJid?: boolean;
                    template?: string;
                    /** @default false */
                    validateOnly?: boolean;
                    messages: {
                        to: string;
                        type?: string;
                        text?: string;
                        variables?: {
                            [key: string]: string;
                        };
                        instance?: string;
                        reference?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Of `validateOnly`. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "counts": {
                     *         "accepted": 0,
                     *         "valid": 1,
                     *         "refused": 0,
                     *         "unavailable": 0,
                     *         "unknown": 0
                     *       },
                     *       "results": [
                     *         {
                     *           "status": "valid"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        counts: components["schemas"]["BatchCounts"];
                        /** @description One for each row, in their order. */
                        results: components["schemas"]["RowAnswer"][];
                    };
                };
            };
            /** @description At least one row was accepted. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batch": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a10",
                     *       "counts": {
                     *         "accepted": 1,
                     *         "valid": 0,
                     *         "refused": 1,
                     *         "unavailable": 0,
                     *         "unknown": 0
                     *       },
                     *       "results": [
                     *         {
                     *           "status": "accepted",
                     *           "id": "0192f0c1-5b1e-7001-8000-5d1f0c2b9a11"
                     *         },
                     *         {
                     *           "status": "refused",
                     *           "code": "invalid-request",
                     *           "detail": "variables.order: is required by the template",
                     *           "errors": [
                     *             {
                     *               "field": "variables.order",
                     *               "message": "is required by the template"
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BatchAnswer"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.batch-refused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable.accept-unknown"];
        };
    };
    listMedia: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b",
                     *           "type": "image/png",
                     *           "size": 48213,
                     *           "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                     *           "fileName": "coffee.png",
                     *           "kinds": [
                     *             "image",
                     *             "sticker",
                     *             "document"
                     *           ],
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "expiresAt": "2026-02-07T12:00:00.101Z",
                     *           "links": {
                     *             "self": "/v1/media/019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b",
                     *             "content": "/v1/media/019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b/content"
                     *           }
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["StoredFile"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    uploadMedia: {
        parameters: {
            query?: {
                kind?: "image" | "video" | "document" | "audio" | "voice" | "sticker" | "roundVideo";
            };
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: Blob;
                };
            };
        };
        responses: {
            /** @description The file. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b",
                     *       "type": "image/png",
                     *       "size": 48213,
                     *       "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                     *       "fileName": "coffee.png",
                     *       "kinds": [
                     *         "image",
                     *         "sticker",
                     *         "document"
                     *       ],
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "expiresAt": "2026-02-07T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/media/019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b",
                     *         "content": "/v1/media/019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b/content"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["StoredFile"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.media-limit.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    readMedia: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b",
                     *       "type": "image/png",
                     *       "size": 48213,
                     *       "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                     *       "fileName": "coffee.png",
                     *       "kinds": [
                     *         "image",
                     *         "sticker",
                     *         "document"
                     *       ],
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "expiresAt": "2026-02-07T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/media/019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b",
                     *         "content": "/v1/media/019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b/content"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["StoredFile"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.media-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    removeMedia: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.media-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readMediaContent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example  */
                    "*/*": string;
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.media-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    listCampaigns: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *           "name": "January",
                     *           "status": "draft",
                     *           "instance": "sales",
                     *           "template": "Olá {{name}}!",
                     *           "priority": "bulk",
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "links": {
                     *             "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *           }
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Campaign"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    createCampaign: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    instance?: string;
                    /**
                     * @description What is done when it may have been sent and nobody can know. Left out: as the profile says.
                     * @enum {string}
                     */
                    onAmbiguous?: "resend" | "hold";
                    /**
                     * Format: date-time
                     * @description Not before this moment; at most a year ahead.
                     */
                    sendAt?: string;
                    /**
                     * Format: date-time
                     * @description Not after this moment, whatever holds it up.
                     */
                    expiresAt?: string;
                    /** @description As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`. */
                    ttlSeconds?: number;
                    /**
                     * @description Which recipient's turn is next; left out: `normal`.
                     * @enum {string}
                     */
                    priority?: "high" | "normal" | "bulk";
                    /** @description `to` may be a group or a hidden number. */
                    allowJid?: boolean;
                    metadata?: {
                        [key: string]: string;
                    };
                    template?: string;
                };
            };
        };
        responses: {
            /** @description The campaign. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *       "name": "January",
                     *       "status": "draft",
                     *       "instance": "sales",
                     *       "template": "Olá {{name}}!",
                     *       "priority": "bulk",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Campaign"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.too-many-campaigns"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0192f0c1-5b1e-7000-8000-7d1f0c2b9a22 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *       "name": "January",
                     *       "status": "draft",
                     *       "instance": "sales",
                     *       "template": "Olá {{name}}!",
                     *       "priority": "bulk",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *       },
                     *       "progress": null
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        status: string;
                        /** @description Why it ended. */
                        reason?: unknown;
                        rows?: {
                            total: number;
                            valid: number;
                            faulty: number;
                            /** @description Valid ones that went because their recipient was erased. */
                            erased?: number;
                        };
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        startedAt?: string;
                        /** Format: date-time */
                        pausedAt?: string;
                        /** Format: date-time */
                        endedAt?: string;
                        links: {
                            self: string;
                        };
                        progress: {
                            /** @description Rows that became messages. */
                            accepted: number;
                            waiting: number;
                            sent: number;
                            delivered: number;
                            read: number;
                            failed: number;
                            cancelled: number;
                            refused: number;
                            /** @description By the pace of its instances; `null`: it cannot be told. */
                            eta: string | null;
                        } | null;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.campaign-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    uploadCampaignRows: {
        parameters: {
            query?: {
                dryRun?: "true" | "false";
            };
            header?: never;
            path: {
                /** @example 0192f0c1-5b1e-7000-8000-7d1f0c2b9a22 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description What they are, with the first messages and the first faults. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *       "name": "January",
                     *       "status": "draft",
                     *       "instance": "sales",
                     *       "template": "Olá {{name}}!",
                     *       "priority": "bulk",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *       },
                     *       "rows": {
                     *         "total": 2,
                     *         "valid": 2,
                     *         "faulty": 0
                     *       },
                     *       "preview": [],
                     *       "faults": []
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        id?: string;
                        name?: string;
                        status?: string;
                        /** @description Why it ended. */
                        reason?: unknown;
                        rows: {
                            total: number;
                            valid: number;
                            faulty: number;
                            /** @description Valid ones that went because their recipient was erased. */
                            erased?: number;
                        };
                        /** Format: date-time */
                        createdAt?: string;
                        /** Format: date-time */
                        startedAt?: string;
                        /** Format: date-time */
                        pausedAt?: string;
                        /** Format: date-time */
                        endedAt?: string;
                        links?: {
                            self: string;
                        };
                        preview: {
                            text?: string;
                            linkPreview?: boolean;
                            mentions?: ("everyone" | string[]) | ("everyone" | string[]);
                            quoted?: string | {
                                id: string;
                                remoteJid?: string;
                                /** @default false */
                                fromMe: boolean;
                            };
                            media?: {
                                url?: string;
                                /**
                                 * Format: uuid
                                 * @description Of a file that was uploaded.
                                 */
                                id?: string;
                                mimetype?: string;
                                fileName?: string;
                            };
                            caption?: string;
                            latitude?: number;
                            longitude?: number;
                            name?: string;
                            address?: string;
                            contacts?: {
                                name: string;
                                phone: string;
                                organization?: string;
                                /** Format: email */
                                email?: string;
                                url?: string;
                            }[];
                            target?: string | {
                                id: string;
                                remoteJid?: string;
                                /** @default false */
                                fromMe: boolean;
                            };
                            emoji?: string;
                            question?: string;
                            options?: string[];
                            /** @default 1 */
                            selectableCount?: number;
                            title?: string;
                            description?: string;
                            footer?: string;
                            buttonText?: string;
                            sections?: {
                                title: string;
                                rows: {
                                    id: string;
                                    title: string;
                                    description?: string;
                                }[];
                            }[];
                            thumbnailUrl?: string;
                            buttons?: ({
                                /** @constant */
                                type: "reply";
                                text: string;
                                id: string;
                            } | {
                                /** @constant */
                                type: "url";
                                text: string;
                                url: string;
                            } | {
                                /** @constant */
                                type: "call";
                                text: string;
                                phone: string;
                            } | {
                                /** @constant */
                                type: "copy";
                                text: string;
                                code: string;
                            } | {
                                /** @constant */
                                type: "pix";
                                name: string;
                                /** @enum {string} */
                                keyType: "phone" | "email" | "cpf" | "cnpj" | "random";
                                key: string;
                                /** @default BRL */
                                currency: string;
                            })[];
                            language?: string;
                            components?: {
                                /** @enum {string} */
                                type: "header" | "body" | "button";
                                /** @enum {string} */
                                sub_type?: "quick_reply" | "url" | "copy_code";
                                index?: string;
                                parameters: ({
                                    /** @constant */
                                    type: "text";
                                    text: string;
                                    parameter_name?: string;
                                } | {
                                    /** @constant */
                                    type: "payload";
                                    payload: string;
                                } | {
                                    /** @constant */
                                    type: "coupon_code";
                                    coupon_code: string;
                                } | {
                                    /** @constant */
                                    type: "currency";
                                    currency: {
                                        fallback_value: string;
                                        code: string;
                                        amount_1000: number;
                                    };
                                } | {
                                    /** @constant */
                                    type: "date_time";
                                    date_time: {
                                        fallback_value: string;
                                    };
                                } | {
                                    /** @constant */
                                    type: "image";
                                    image: {
                                        link: string;
                                        filename?: string;
                                    };
                                } | {
                                    /** @constant */
                                    type: "video";
                                    video: {
                                        link: string;
                                        filename?: string;
                                    };
                                } | {
                                    /** @constant */
                                    type: "document";
                                    document: {
                                        link: string;
                                        filename?: string;
                                    };
                                })[];
                            }[];
                            line: number;
                            instance: string;
                            to: string;
                            /** @enum {string} */
                            type: "text" | "image" | "video" | "document" | "audio" | "voice" | "sticker" | "roundVideo" | "location" | "contacts" | "reaction" | "poll" | "list" | "buttons" | "template";
                        }[];
                        faults: components["schemas"]["CampaignFault"][];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.campaign-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-campaign-status"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    listCampaignFaults: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                /** @example 0192f0c1-5b1e-7000-8000-7d1f0c2b9a22 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "line": 3,
                     *           "code": "invalid-request",
                     *           "detail": "to: must be a phone number"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CampaignFault"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.campaign-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    startCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0192f0c1-5b1e-7000-8000-7d1f0c2b9a22 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *       "name": "January",
                     *       "status": "draft",
                     *       "instance": "sales",
                     *       "template": "Olá {{name}}!",
                     *       "priority": "bulk",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Campaign"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.campaign-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-campaign-status"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    pauseCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0192f0c1-5b1e-7000-8000-7d1f0c2b9a22 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *       "name": "January",
                     *       "status": "draft",
                     *       "instance": "sales",
                     *       "template": "Olá {{name}}!",
                     *       "priority": "bulk",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Campaign"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.campaign-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-campaign-status"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    resumeCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0192f0c1-5b1e-7000-8000-7d1f0c2b9a22 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *       "name": "January",
                     *       "status": "draft",
                     *       "instance": "sales",
                     *       "template": "Olá {{name}}!",
                     *       "priority": "bulk",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Campaign"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.campaign-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-campaign-status"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    cancelCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0192f0c1-5b1e-7000-8000-7d1f0c2b9a22 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The campaign as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0192f0c1-5b1e-7000-8000-7d1f0c2b9a22",
                     *       "name": "January",
                     *       "status": "draft",
                     *       "instance": "sales",
                     *       "template": "Olá {{name}}!",
                     *       "priority": "bulk",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/campaigns/0192f0c1-5b1e-7000-8000-7d1f0c2b9a22"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Campaign"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.campaign-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-campaign-status"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    followEvents: {
        parameters: {
            query?: {
                /** @example sales */
                instance?: string;
            };
            header?: {
                /** @description The last `id` that you saw: the stream goes on after it. */
                "Last-Event-ID"?: components["parameters"]["LastEventID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, until you go. The last one is `end` when the API ends it, and its `code` says why. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example retry: 3000
                     *     id: tAv7KjcNuts9lynyL29ZRw
                     *
                     *     id: 9Q1hYzTQ3n1mV4bq0sHn2A
                     *     event: message.sent
                     *     data: {"v":1,"id":"0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2","n":2,"type":"message.sent","at":"2026-01-31T12:00:00.101Z"}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.event-feed-off"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    followMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description The last `id` that you saw: the stream goes on after it. */
                "Last-Event-ID"?: components["parameters"]["LastEventID"];
            };
            path: {
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, until you go. The last one is `end` when the API ends it, and its `code` says why. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example retry: 3000
                     *     id: tAv7KjcNuts9lynyL29ZRw
                     *
                     *     id: 9Q1hYzTQ3n1mV4bq0sHn2A
                     *     event: message.sent
                     *     data: {"v":1,"id":"0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2","n":2,"type":"message.sent","at":"2026-01-31T12:00:00.101Z"}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.message-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.event-feed-off"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    listDeadLetters: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
                user?: string;
                /** @example sales */
                instance?: string;
                /** @example failed */
                status?: "failed" | "dead-lettered" | "unknown";
                to?: string;
                reason?: string;
                since?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *           "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *           "instance": "sales",
                     *           "to": "+5511999991000",
                     *           "type": "text",
                     *           "status": "failed",
                     *           "reason": {
                     *             "code": "not-on-whatsapp",
                     *             "detail": "The number is not on WhatsApp."
                     *           },
                     *           "attemptsCount": 1,
                     *           "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *           "failedAt": "2026-01-31T12:00:01.977Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ListedDeadLetter"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    replayDeadLetters: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: it is done beside the request, with no bound, and shown as an operation. */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    user?: string;
                    instance?: string;
                    /** @enum {string} */
                    status?: "failed" | "dead-lettered" | "unknown";
                    /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
                    to?: string;
                    reason?: string;
                    /** Format: date-time */
                    since?: string;
                    /** Format: date-time */
                    until?: string;
                    /** @constant */
                    all?: true;
                    /** @description The `next` of the page before. */
                    cursor?: string;
                    expiresAt?: string | null;
                    ttlSeconds?: number;
                };
            };
        };
        responses: {
            /** @description So many wait to be sent. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "replayed": 12,
                     *       "skipped": 0,
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        replayed: number;
                        /** @description Those whose time was over, or that somebody else dealt with just then. */
                        skipped: number;
                        /** @description Send the request again with it as `cursor`; `null`: that was all. */
                        next: string | null;
                    };
                };
            };
            /** @description With `Prefer: respond-async`: it is done beside the request. Read `Location` to see how far it is. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12",
                     *       "kind": "cancel",
                     *       "status": "running",
                     *       "done": 0,
                     *       "skipped": 0,
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/operations/3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOperation"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.too-many-operations.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    discardDeadLetters: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: it is done beside the request, with no bound, and shown as an operation. */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    user?: string;
                    instance?: string;
                    /** @enum {string} */
                    status?: "failed" | "dead-lettered" | "unknown";
                    /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
                    to?: string;
                    reason?: string;
                    /** Format: date-time */
                    since?: string;
                    /** Format: date-time */
                    until?: string;
                    /** @constant */
                    all?: true;
                    /** @description The `next` of the page before. */
                    cursor?: string;
                };
            };
        };
        responses: {
            /** @description So many are off the list. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "discarded": 12,
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        discarded: number;
                        /** @description Send the request again with it as `cursor`; `null`: that was all. */
                        next: string | null;
                    };
                };
            };
            /** @description With `Prefer: respond-async`: it is done beside the request. Read `Location` to see how far it is. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12",
                     *       "kind": "cancel",
                     *       "status": "running",
                     *       "done": 0,
                     *       "skipped": 0,
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/operations/3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOperation"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.too-many-operations.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dead letter. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "text": "Your order has left.",
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "instance": "sales",
                     *       "to": "+5511999991000",
                     *       "type": "text",
                     *       "status": "failed",
                     *       "priority": "normal",
                     *       "onAmbiguous": "resend",
                     *       "reference": "order 7",
                     *       "attempts": [],
                     *       "providerMessageId": "3EB0C5A277F7F9B6C599",
                     *       "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *       "sentAt": "2026-01-31T12:00:00.101Z",
                     *       "deliveredAt": "2026-01-31T12:00:01.977Z",
                     *       "reason": {
                     *         "code": "not-on-whatsapp",
                     *         "detail": "The number is not on WhatsApp."
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.message-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    replayDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    expiresAt?: string | null;
                    ttlSeconds?: number;
                };
            };
        };
        responses: {
            /** @description It waits to be sent. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "text": "Your order has left.",
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "instance": "sales",
                     *       "to": "+5511999991000",
                     *       "type": "text",
                     *       "status": "queued",
                     *       "priority": "normal",
                     *       "onAmbiguous": "resend",
                     *       "reference": "order 7",
                     *       "attempts": [],
                     *       "providerMessageId": "3EB0C5A277F7F9B6C599",
                     *       "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *       "sentAt": "2026-01-31T12:00:00.101Z",
                     *       "deliveredAt": "2026-01-31T12:00:01.977Z",
                     *       "reason": {
                     *         "code": "not-on-whatsapp",
                     *         "detail": "The number is not on WhatsApp."
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.message-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-status.content-removed"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    discardDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is off the list. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "text": "Your order has left.",
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "instance": "sales",
                     *       "to": "+5511999991000",
                     *       "type": "text",
                     *       "status": "failed",
                     *       "priority": "normal",
                     *       "onAmbiguous": "resend",
                     *       "reference": "order 7",
                     *       "attempts": [],
                     *       "providerMessageId": "3EB0C5A277F7F9B6C599",
                     *       "acceptedAt": "2026-01-31T12:00:00.101Z",
                     *       "sentAt": "2026-01-31T12:00:00.101Z",
                     *       "deliveredAt": "2026-01-31T12:00:01.977Z",
                     *       "reason": {
                     *         "code": "not-on-whatsapp",
                     *         "detail": "The number is not on WhatsApp."
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.message-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.wrong-status"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listOperations: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12",
                     *           "kind": "cancel",
                     *           "status": "running",
                     *           "done": 4210,
                     *           "skipped": 3,
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "links": {
                     *             "self": "/v1/operations/3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12"
                     *           }
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BulkOperation"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operation. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12",
                     *       "kind": "cancel",
                     *       "status": "running",
                     *       "done": 4210,
                     *       "skipped": 3,
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "links": {
                     *         "self": "/v1/operations/3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BulkOperation"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.operation-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listSuppressions: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "number": "+5511999991000",
                     *           "reason": "Asked on the phone.",
                     *           "source": "api",
                     *           "at": "2026-01-31T12:00:00.101Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Suppression"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    importSuppressions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    numbers: string[];
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description What became of them. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "listed": 2,
                     *       "refused": []
                     *     }
                     */
                    "application/json": {
                        listed: number;
                        /** @description What is no phone number. */
                        refused: {
                            /** @description Its place in `numbers`, from 0. */
                            row: number;
                            message: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readSuppression: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed.
                 * @example +5511999991000
                 */
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is on the list. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": "+5511999991000",
                     *       "reason": "Asked on the phone.",
                     *       "source": "api",
                     *       "at": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Suppression"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.suppression-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    addSuppression: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed.
                 * @example +5511999991000
                 */
                number: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description It is on the list. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "number": "+5511999991000",
                     *       "reason": "Asked on the phone.",
                     *       "source": "api",
                     *       "at": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Suppression"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.suppression-not-found"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    removeSuppression: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed.
                 * @example +5511999991000
                 */
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is off the list. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.suppression-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is one page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b",
                     *           "url": "https://example.com/hooks/whatsapp",
                     *           "events": [
                     *             "message.sent",
                     *             "message.read",
                     *             "message.failed"
                     *           ],
                     *           "instances": null,
                     *           "enabled": true,
                     *           "createdAt": "2026-01-31T12:00:00.101Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Webhook"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    url: string;
                    description?: string;
                    events?: ("message.scheduled" | "message.queued" | "message.retrying" | "message.sent" | "message.delivered" | "message.read" | "message.failed" | "message.dead-lettered" | "message.unknown" | "message.cancelled" | "message.expired" | "message.stuck" | "message.conflict" | "instance.connected" | "instance.disconnected" | "qr.needed")[];
                    instances?: string[];
                };
            };
        };
        responses: {
            /** @description The webhook, with its secret. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b",
                     *       "url": "https://example.com/hooks/whatsapp",
                     *       "events": [
                     *         "message.sent",
                     *         "message.read",
                     *         "message.failed"
                     *       ],
                     *       "instances": null,
                     *       "enabled": true,
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        url: string;
                        description?: string;
                        /** @description What it is told; `null`: everything. */
                        events: ("message.scheduled" | "message.queued" | "message.retrying" | "message.sent" | "message.delivered" | "message.read" | "message.failed" | "message.dead-lettered" | "message.unknown" | "message.cancelled" | "message.expired" | "message.stuck" | "message.conflict" | "instance.connected" | "instance.disconnected" | "qr.needed")[] | null;
                        /** @description Of which instances; `null`: all. */
                        instances: string[] | null;
                        enabled: boolean;
                        disabledReason?: {
                            /** @enum {string} */
                            code: "user" | "gone" | "failing";
                            detail: string;
                        };
                        /** Format: date-time */
                        disabledAt?: string;
                        /**
                         * Format: date-time
                         * @description Since then every attempt has failed.
                         */
                        failingSince?: string;
                        /** @description Attempts that failed in a row. */
                        failures?: number;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description Signs what is posted, after Standard Webhooks. Told this once. */
                        secret: string;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.webhook-limit.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b",
                     *       "url": "https://example.com/hooks/whatsapp",
                     *       "events": [
                     *         "message.sent",
                     *         "message.read",
                     *         "message.failed"
                     *       ],
                     *       "instances": null,
                     *       "enabled": true,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.webhook-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    removeWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.webhook-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    url?: string;
                    description?: string | null;
                    events?: ("message.scheduled" | "message.queued" | "message.retrying" | "message.sent" | "message.delivered" | "message.read" | "message.failed" | "message.dead-lettered" | "message.unknown" | "message.cancelled" | "message.expired" | "message.stuck" | "message.conflict" | "instance.connected" | "instance.disconnected" | "qr.needed")[] | null;
                    instances?: string[] | null;
                    enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description The webhook as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b",
                     *       "url": "https://example.com/hooks/whatsapp",
                     *       "events": null,
                     *       "instances": null,
                     *       "enabled": true,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.webhook-not-found"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new secret. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                     *       "formerUntil": "2026-02-01T12:00:00.101Z"
                     *     }
                     */
                    "application/json": {
                        /** @description Signs what is posted, after Standard Webhooks. Told this once. */
                        secret: string;
                        /** Format: date-time */
                        formerUntil: string;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.webhook-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.request-under-way"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    pingWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is posted like any other. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ping:3f1c9a52-7a0e-4d42-9b8e-1d2c3b4a5f60",
                     *       "links": {
                     *         "deliveries": "/v1/webhooks/6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b/deliveries"
                     *       }
                     *     }
                     */
                    "application/json": {
                        id: string;
                        links: {
                            deliveries: string;
                        };
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.webhook-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.webhook-disabled.request-under-way"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
                /** @example failed */
                state?: "waiting" | "delivered" | "failed";
            };
            header?: never;
            path: {
                /** @example 6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                     *           "type": "message.sent",
                     *           "state": "delivered",
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "attempts": [
                     *             {
                     *               "at": "2026-01-31T12:00:01.977Z",
                     *               "durationMs": 84,
                     *               "status": 200
                     *             }
                     *           ],
                     *           "body": "{\"v\":1,\"type\":\"message.sent\"}"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.webhook-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    replayDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b */
                id: string;
                /** @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2 */
                delivery: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It waits to be posted. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                     *       "type": "message.sent",
                     *       "state": "waiting",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "attempts": [
                     *         {
                     *           "at": "2026-01-31T12:00:01.977Z",
                     *           "durationMs": 84,
                     *           "status": 200
                     *         }
                     *       ],
                     *       "body": "{\"v\":1,\"type\":\"message.sent\"}",
                     *       "nextAttemptAt": "2026-01-31T12:00:01.977Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.webhook-not-found.delivery-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.webhook-disabled"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    exportPerson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
                    number: string;
                };
            };
        };
        responses: {
            /** @description The lines. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {"kind":"end","person":"9a0f6c1d2e3b4a5968778695a4b3c2d1","messages":0,"contacts":0,"suppressions":0} */
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    erasePerson: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
                    number: string;
                    /**
                     * @default keep
                     * @enum {string}
                     */
                    suppressions?: "keep" | "erase";
                };
            };
        };
        responses: {
            /** @description The order. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5b0c1f0e-1d7a-4c39-8b1e-0c9a4c6c7f11",
                     *       "by": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "records": "own",
                     *       "person": "9a0f6c1d2e3b4a5968778695a4b3c2d1",
                     *       "status": "running",
                     *       "stage": "closing",
                     *       "suppressions": "keep",
                     *       "done": {
                     *         "rows": 0,
                     *         "cancelled": 1,
                     *         "messages": 0,
                     *         "contacts": 0,
                     *         "suppressions": 0
                     *       },
                     *       "waiting": 1,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    readErasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 5b0c1f0e-1d7a-4c39-8b1e-0c9a4c6c7f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5b0c1f0e-1d7a-4c39-8b1e-0c9a4c6c7f11",
                     *       "by": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "records": "own",
                     *       "person": "9a0f6c1d2e3b4a5968778695a4b3c2d1",
                     *       "status": "running",
                     *       "stage": "closing",
                     *       "suppressions": "keep",
                     *       "done": {
                     *         "rows": 0,
                     *         "cancelled": 1,
                     *         "messages": 0,
                     *         "contacts": 0,
                     *         "suppressions": 0
                     *       },
                     *       "waiting": 1,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            404: components["responses"]["404.erasure-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    exportPersonAnywhere: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
                    number: string;
                };
            };
        };
        responses: {
            /** @description The lines. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {"kind":"end","person":"9a0f6c1d2e3b4a5968778695a4b3c2d1","messages":0,"contacts":0,"suppressions":0} */
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    erasePersonAnywhere: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A phone number: E.164, or as people of the default country write it. Or a JID, where that is allowed. */
                    number: string;
                    /**
                     * @default keep
                     * @enum {string}
                     */
                    suppressions?: "keep" | "erase";
                };
            };
        };
        responses: {
            /** @description The order. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5b0c1f0e-1d7a-4c39-8b1e-0c9a4c6c7f11",
                     *       "by": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "records": "own",
                     *       "person": "9a0f6c1d2e3b4a5968778695a4b3c2d1",
                     *       "status": "running",
                     *       "stage": "closing",
                     *       "suppressions": "keep",
                     *       "done": {
                     *         "rows": 0,
                     *         "cancelled": 1,
                     *         "messages": 0,
                     *         "contacts": 0,
                     *         "suppressions": 0
                     *       },
                     *       "waiting": 1,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable"];
        };
    };
    readErasureAnywhere: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 5b0c1f0e-1d7a-4c39-8b1e-0c9a4c6c7f11 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5b0c1f0e-1d7a-4c39-8b1e-0c9a4c6c7f11",
                     *       "by": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *       "records": "own",
                     *       "person": "9a0f6c1d2e3b4a5968778695a4b3c2d1",
                     *       "status": "running",
                     *       "stage": "closing",
                     *       "suppressions": "keep",
                     *       "done": {
                     *         "rows": 0,
                     *         "cancelled": 1,
                     *         "messages": 0,
                     *         "contacts": 0,
                     *         "suppressions": 0
                     *       },
                     *       "waiting": 1,
                     *       "createdAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.erasure-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listUsage: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
                instance?: string;
                from?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "day": "2026-01-31",
                     *           "instance": "sales",
                     *           "accepted": 1200,
                     *           "sent": 1180,
                     *           "failed": 15,
                     *           "unknown": 2
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Usage"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listUsageOfAll: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
                instance?: string;
                from?: string;
                until?: string;
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *           "day": "2026-01-31",
                     *           "instance": "sales",
                     *           "accepted": 1200,
                     *           "sent": 1180,
                     *           "failed": 15,
                     *           "unknown": 2
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** Format: date */
                            day: string;
                            instance: string;
                            accepted: number;
                            sent: number;
                            failed: number;
                            unknown: number;
                            user: string;
                        }[];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readOverview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All parts that answered in time. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "at": "2026-01-31T12:00:00.101Z",
                     *       "instances": {
                     *         "open": 12,
                     *         "connecting": 1,
                     *         "close": 2,
                     *         "paused": 1
                     *       },
                     *       "messages": {
                     *         "waitingFor": {
                     *           "turn": 310
                     *         },
                     *         "sending": 4,
                     *         "oldestDueAt": "2026-01-31T12:00:00.101Z",
                     *         "isWhole": true,
                     *         "longestWaiting": [
                     *           {
                     *             "instance": "sales",
                     *             "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *             "waitingFor": "turn",
                     *             "waiting": 310,
                     *             "oldestDueAt": "2026-01-31T12:00:00.101Z"
                     *           }
                     *         ]
                     *       },
                     *       "consumers": {
                     *         "living": [],
                     *         "due": 0,
                     *         "recent": {
                     *           "minutes": 5,
                     *           "accepted": 320,
                     *           "sent": 300,
                     *           "failed": 2
                     *         },
                     *         "evolution": [
                     *           {
                     *             "server": "default",
                     *             "heldBy": 0
                     *           }
                     *         ]
                     *       },
                     *       "kafka": null,
                     *       "deadLetters": [],
                     *       "missing": [
                     *         "kafka"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readRetention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is in force. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "days": {
                     *         "messages": 30
                     *       },
                     *       "contentHours": null,
                     *       "configuredBy": {
                     *         "messages": "MESSAGE_RETENTION_DAYS"
                     *       }
                     *     }
                     */
                    "application/json": {
                        days: {
                            [key: string]: number;
                        };
                        /** @description `null`: as long as the message. */
                        contentHours: number | null;
                        /** @description Names of variables. */
                        configuredBy: {
                            [key: string]: string;
                        };
                    };
                };
            };
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listEvolutionServers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "name": "default",
                     *           "url": "http://evolution:8080",
                     *           "isDefault": true,
                     *           "source": "environment"
                     *         },
                     *         {
                     *           "name": "second",
                     *           "url": "https://evolution.example.com",
                     *           "isDefault": false,
                     *           "source": "api",
                     *           "createdAt": "2026-01-31T12:00:00.101Z",
                     *           "updatedAt": "2026-01-31T12:00:00.101Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["EvolutionServer"][];
                    };
                };
            };
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    createEvolutionServer: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    url: string;
                    apiKey: string;
                    /** @default false */
                    isDefault?: boolean;
                };
            };
        };
        responses: {
            /** @description The server. */
            201: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "second",
                     *       "url": "https://evolution.example.com",
                     *       "isDefault": false,
                     *       "source": "api",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "updatedAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["EvolutionServer"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.evolution-server-name-taken.evolution-server-limit.request-under-way"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readEvolutionServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example default */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "default",
                     *       "url": "http://evolution:8080",
                     *       "isDefault": true,
                     *       "source": "environment"
                     *     }
                     */
                    "application/json": components["schemas"]["EvolutionServer"];
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.evolution-server-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    removeEvolutionServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example second */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.evolution-server-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.evolution-server-in-use.evolution-server-fixed"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    changeEvolutionServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example second */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    url?: string;
                    apiKey?: string;
                    /** @constant */
                    isDefault?: true;
                };
            };
        };
        responses: {
            /** @description The server as it is now. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "second",
                     *       "url": "https://evolution.example.com",
                     *       "isDefault": false,
                     *       "source": "api",
                     *       "createdAt": "2026-01-31T12:00:00.101Z",
                     *       "updatedAt": "2026-01-31T12:00:00.101Z"
                     *     }
                     */
                    "application/json": components["schemas"]["EvolutionServer"];
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.evolution-server-not-found"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.evolution-server-fixed"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    checkEvolutionServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example default */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It answers. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "default",
                     *       "version": "2.3.6",
                     *       "latencyMs": 12
                     *     }
                     */
                    "application/json": {
                        name: string;
                        version: string | null;
                        latencyMs: number;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.evolution-server-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
                /** @example 65f0c1d2e3f4a5b6c7d8e9f0 */
                by?: string;
                target?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "3f1c9a52-7a0e-4d42-9b8e-1d2c3b4a5f60",
                     *           "at": "2026-01-31T12:00:00.101Z",
                     *           "by": "65f0c1d2e3f4a5b6c7d8e9f0",
                     *           "action": "user.rejected",
                     *           "target": "65f0c1d2e3f4a5b6c7d8e9f1",
                     *           "address": "203.0.113.7",
                     *           "details": {
                     *             "reason": "Not of this company."
                     *           }
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    listUndecodable: {
        parameters: {
            query?: {
                /** @description Rows of a page. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "messages:3:184467",
                     *           "topic": "messages",
                     *           "partition": 3,
                     *           "offset": "184467",
                     *           "reason": "malformed",
                     *           "detail": "The value is no JSON.",
                     *           "at": "2026-01-31T12:00:00.101Z",
                     *           "bytes": 5
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["UndecodableEntry"][];
                        /** @description Give it as `cursor` to go on; `null`: there is no more. */
                        next: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readUndecodable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example messages:3:184467 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "messages:3:184467",
                     *       "topic": "messages",
                     *       "partition": 3,
                     *       "offset": "184467",
                     *       "reason": "malformed",
                     *       "detail": "The value is no JSON.",
                     *       "at": "2026-01-31T12:00:00.101Z",
                     *       "bytes": 5,
                     *       "key": {
                     *         "base64": "c2FsZXM=",
                     *         "text": "sales"
                     *       },
                     *       "value": {
                     *         "base64": "aGVsbG8=",
                     *         "text": "hello"
                     *       },
                     *       "headers": []
                     *     }
                     */
                    "application/json": {
                        /** @description `topic:partition:offset`. */
                        id: string;
                        topic: string;
                        partition: number;
                        offset: string;
                        reason: string;
                        detail: string;
                        /** Format: date-time */
                        at: string;
                        /** @description Length of the value. */
                        bytes: number;
                        key: {
                            base64: string;
                            /** @description If it can be read as such. */
                            text?: string;
                        } | null;
                        value: {
                            base64: string;
                            /** @description If it can be read as such. */
                            text?: string;
                        } | null;
                        headers: {
                            base64: string;
                            /** @description If it can be read as such. */
                            text?: string;
                            name: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.undecodable-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    discardUndecodable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example messages:3:184467 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.session-required.key-limited"];
            404: components["responses"]["404.undecodable-not-found"];
            408: components["responses"]["408.request-timeout"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    legacySendMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the same answer: of messages and campaigns for as long as they are kept, of all else for a day. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    instance?: string;
                    sender_instance?: string;
                    recipient_number?: string;
                    receiver_number?: string;
                    message: string;
                    is_message_base64?: boolean | null;
                    sender_name?: string | null;
                    receiver_name?: string | null;
                    attachment_path?: "" | null;
                };
            };
        };
        responses: {
            /** @description It will be sent. */
            202: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "messageId": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                     *       "status": "accepted",
                     *       "message": "Message accepted."
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        messageId: string;
                        /** @constant */
                        status: "accepted";
                        message: string;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing"];
            404: components["responses"]["404.instance-not-found"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            422: components["responses"]["422.idempotency-key-reused.suppressed"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.overloaded.unavailable.accept-unknown"];
        };
    };
    legacyConnectInstance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A phone number: E.164, or as people of the default country write it. */
                    phone_number: string;
                    instance_name: string;
                };
            };
        };
        responses: {
            /** @description Scan the QR code. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "instance": "till",
                     *       "state": "connecting",
                     *       "qr": {
                     *         "code": "2@Yk3vT9xQ1c,8sWq2LmN,0pZrB7==",
                     *         "png": "data:image/png;base64,iVBORw0KGgo="
                     *       },
                     *       "pairingCode": "WZYE-H1YY",
                     *       "message": "Scan the QR code with WhatsApp."
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        state: "open" | "connecting";
                        /** @description Left out while WhatsApp has given none yet. */
                        qr?: {
                            code: string;
                            /** @description A data URL. */
                            png: string;
                        };
                        /** @description To type in on the phone, if the instance has its number. */
                        pairingCode?: string;
                        instance: string;
                        message: string;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            403: components["responses"]["403.forbidden.scope-missing.key-limited"];
            408: components["responses"]["408.request-timeout"];
            409: components["responses"]["409.instance-name-taken"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            429: components["responses"]["429.too-many-requests"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            502: components["responses"]["502.evolution-failed"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readHome: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Name, version, links. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "WhatsApp Sender",
                     *       "version": "0.1.0",
                     *       "message": "",
                     *       "notice": "This system uses Evolution API to reach WhatsApp.",
                     *       "docs": "/docs",
                     *       "links": {
                     *         "logIn": "/user/login",
                     *         "messages": "/v1/messages"
                     *       }
                     *     }
                     */
                    "application/json": {
                        name: string;
                        version: string;
                        message: string;
                        notice: string;
                        docs: string;
                        links: {
                            [key: string]: string;
                        };
                    };
                };
            };
            408: components["responses"]["408.request-timeout"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readOpenApiDocument: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.0",
                     *       "info": {
                     *         "title": "WhatsApp Sender",
                     *         "version": "0.1.0"
                     *       },
                     *       "paths": {}
                     *     }
                     */
                    "application/json": {
                        openapi: string;
                        paths: {
                            [key: string]: unknown;
                        };
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            408: components["responses"]["408.request-timeout"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readDocsPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Swagger UI. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example <!doctype html> */
                    "text/html": string;
                };
            };
            408: components["responses"]["408.request-timeout"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    readDocsFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example start.js */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example SwaggerUIBundle() */
                    "text/javascript": string;
                    /** @example .swagger-ui{} */
                    "text/css": string;
                    /** @example  */
                    "image/png": string;
                };
            };
            400: components["responses"]["400.invalid-request"];
            404: components["responses"]["404.not-found"];
            408: components["responses"]["408.request-timeout"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    showErrorPage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example overloaded */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example # overloaded */
                    "text/markdown": string;
                };
            };
            400: components["responses"]["400.invalid-request"];
            404: components["responses"]["404.not-found"];
            408: components["responses"]["408.request-timeout"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    receiveEvolutionEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    event: string;
                    instance: string;
                    data?: unknown;
                };
            };
        };
        responses: {
            /** @description It is in the log, or of no use. */
            200: {
                headers: {
                    "Request-Id": components["headers"]["Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "stored": true
                     *     }
                     */
                    "application/json": {
                        stored: boolean;
                    };
                };
            };
            400: components["responses"]["400.malformed-json.invalid-request"];
            401: components["responses"]["401.unauthenticated"];
            408: components["responses"]["408.request-timeout"];
            413: components["responses"]["413.too-large"];
            415: components["responses"]["415.unsupported-media-type"];
            431: components["responses"]["431.headers-too-large"];
            500: components["responses"]["500.internal-error"];
            503: components["responses"]["503.unavailable"];
        };
    };
    "message.scheduled": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.scheduled",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.scheduled";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.queued": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.queued",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.queued";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.retrying": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.retrying",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.retrying";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.sent": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.sent",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.sent";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.delivered": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.delivered",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.delivered";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.read": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.read",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.read";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.failed": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.failed",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.failed";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.dead-lettered": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.dead-lettered",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.dead-lettered";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.unknown": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.unknown",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.unknown";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.cancelled": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.cancelled",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.cancelled";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.expired": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.expired",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.expired";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.stuck": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.stuck",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.stuck";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "message.conflict": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "message.conflict",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11",
                 *       "message": {
                 *         "id": "0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11",
                 *         "to": "+5511999991000",
                 *         "type": "text",
                 *         "reference": "order 7"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MessageEvent"] & {
                    /** @constant */
                    type?: "message.conflict";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "instance.connected": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "instance.connected",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11"
                 *     }
                 */
                "application/json": components["schemas"]["InstanceEvent"] & {
                    /** @constant */
                    type?: "instance.connected";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "instance.disconnected": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "instance.disconnected",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11"
                 *     }
                 */
                "application/json": components["schemas"]["InstanceEvent"] & {
                    /** @constant */
                    type?: "instance.disconnected";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "qr.needed": {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The event's `id`, the same each time it is posted.
                 * @example 0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11:2
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When it is posted, in seconds.
                 * @example 1769860801
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body; of a secret being replaced there are two.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "v": 1,
                 *       "id": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11:2",
                 *       "n": 2,
                 *       "type": "qr.needed",
                 *       "at": "2026-01-31T12:00:00.101Z",
                 *       "user": "65f0c1d2e3f4a5b6c7d8e9f0",
                 *       "instance": "sales",
                 *       "instanceId": "0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11"
                 *     }
                 */
                "application/json": components["schemas"]["InstanceEvent"] & {
                    /** @constant */
                    type?: "qr.needed";
                };
            };
        };
        responses: {
            /** @description You have it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You do not: it is posted again. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
